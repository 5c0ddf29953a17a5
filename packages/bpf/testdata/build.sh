#!/bin/sh
# Compiles the programs of this folder anew. The objects are kept with the sources, so that tests need no compiler.
set -eu
cd "$(dirname "$0")"
for source in *.c; do
	${CLANG:-clang} -O2 -g -target bpf -mcpu=v3 -Wall -Wno-unused-variable -Wno-visibility -fdebug-prefix-map="$PWD"=. -c "$source" -o "${source%.c}.o"
	${LLVM_STRIP:-llvm-strip} -g "${source%.c}.o"
done
