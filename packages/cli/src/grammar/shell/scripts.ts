/**
 * Scripts that make a shell complete the words of `netkit`. They ask the command itself (`netkit __complete WORDS...`, one
 * candidate a line, a tab and what it does behind it; a line `:file` asks for file names), so they never get out of date.
 */
const BASH = `# netkit completion for bash: eval "$(netkit completion bash)"
_netkit() {
  local line word files=
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == :file ]]; then files=1; continue; fi
    word=\${line%%$'\\t'*}
    COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" __complete "\${words[@]}" 2>/dev/null)
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _netkit netkit
`

const ZSH = `#compdef netkit
# netkit completion for zsh: eval "$(netkit completion zsh)", after compinit
_netkit() {
  local line word
  local -a described
  local files=
  while IFS= read -r line; do
    if [[ $line == :file ]]; then files=1; continue; fi
    word=\${\${line%%$'\\t'*}//:/\\\\:}
    if [[ $line == *$'\\t'* ]]; then described+=("$word:\${line#*$'\\t'}"); else described+=("$word"); fi
  done < <(\${words[1]} __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#described )) && _describe -V netkit described
  [[ -n $files ]] && _files
}
if [[ $funcstack[1] == _netkit ]]; then _netkit "$@"; else compdef _netkit netkit; fi
`

const FISH = `# netkit completion for fish: netkit completion fish | source
function __netkit_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l files
  for line in ($words[1] __complete $words[2..-1] 2>/dev/null)
    if test "$line" = ":file"
      set files 1
    else
      echo $line
    end
  end
  if set -q files[1]
    __fish_complete_path (commandline -ct)
  end
end
complete -c netkit -f -a '(__netkit_complete)'
`

export const SHELLS = { bash: BASH, zsh: ZSH, fish: FISH } as const
export type Shell = keyof typeof SHELLS
