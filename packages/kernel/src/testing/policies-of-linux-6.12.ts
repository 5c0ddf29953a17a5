/** The same of Linux 6.12.107: see policies-of-linux.ts. */
export const POLICIES_OF_LINUX_6_12 = `family nlctrl
op 3 do=0 dump=0
op 0 dump=1
policy 0 attr 1 u16 min=0 max=65535
policy 0 attr 2 nul-string max-length=15
policy 1 attr 1 u16 min=0 max=65535
policy 1 attr 2 nul-string max-length=15
policy 1 attr 10 u32 min=0 max=4294967295
family netdev
op 1 do=0 dump=1
op 5 do=2 dump=1
op 10 do=3 dump=4
op 11 do=5 dump=6
op 0 dump=7
op 13 do=8
policy 0 attr 1 u32 min=1 max=4294967295
policy 2 attr 1 uint min=1 max=4294967295
policy 3 attr 1 u32 min=0 max=4294967295
policy 3 attr 2 u32 min=1 max=4294967295
policy 3 attr 3 u32 min=0 max=1
policy 4 attr 2 u32 min=1 max=4294967295
policy 5 attr 2 u32 min=0 max=4294967295
policy 6 attr 1 u32 min=1 max=4294967295
policy 7 attr 1 u32 min=1 max=4294967295
policy 7 attr 4 uint mask=1
policy 8 attr 1 u32 min=1 max=4294967295
policy 8 attr 2 nest policy=9 max-type=3
policy 8 attr 3 u32 min=0 max=4294967295
policy 9 attr 1 u32 min=0 max=4294967295
policy 9 attr 3 u32 min=0 max=1
family ethtool
op 1 do=0 dump=0
op 2 do=2 dump=2
op 3 do=4
op 4 do=5 dump=5
op 5 do=6
op 6 do=7 dump=7
op 7 do=9 dump=9
op 8 do=10
op 9 do=11 dump=11
op 10 do=12
op 11 do=13 dump=13
op 12 do=14
op 13 do=15 dump=15
op 14 do=16
op 15 do=17 dump=17
op 16 do=18
op 17 do=19 dump=19
op 18 do=20
op 19 do=21 dump=21
op 20 do=22
op 21 do=25 dump=25
op 22 do=26
op 23 do=27 dump=27
op 24 do=28
op 25 do=29 dump=29
op 26 do=30
op 27 do=31
op 28 do=32 dump=32
op 29 do=33 dump=33
op 30 do=34
op 31 do=35 dump=35
op 32 do=36 dump=36
op 33 do=37 dump=37
op 34 do=38 dump=38
op 35 do=39
op 36 do=40 dump=40
op 37 do=41
op 38 do=42 dump=42
op 39 do=43 dump=43
op 40 do=44
op 41 do=45 dump=45
op 42 do=46 dump=46
op 43 do=47
op 44 do=48
op 45 do=49 dump=49
policy 0 attr 1 nest policy=1 max-type=4
policy 0 attr 2 nest
policy 0 attr 3 flag
policy 1 attr 1 u32 min=0 max=4294967295
policy 1 attr 2 nul-string max-length=127
policy 1 attr 3 u32 mask=3
policy 1 attr 4 u32 min=1 max=4294967295
policy 2 attr 1 nest policy=3 max-type=3
policy 3 attr 1 u32 min=0 max=4294967295
policy 3 attr 2 nul-string max-length=127
policy 3 attr 3 u32 mask=3
policy 4 attr 1 nest policy=3 max-type=3
policy 4 attr 2 u8 min=0 max=255
policy 4 attr 3 u8 min=0 max=255
policy 4 attr 5 u8 min=0 max=255
policy 5 attr 1 nest policy=3 max-type=3
policy 6 attr 1 nest policy=3 max-type=3
policy 6 attr 2 u8 min=0 max=255
policy 6 attr 3 nest
policy 6 attr 5 u32 min=0 max=4294967295
policy 6 attr 6 u8 min=0 max=255
policy 6 attr 7 u8 min=0 max=255
policy 6 attr 9 u32 min=1 max=8
policy 7 attr 1 nest policy=8 max-type=3
policy 8 attr 1 u32 min=0 max=4294967295
policy 8 attr 2 nul-string max-length=127
policy 8 attr 3 u32 mask=7
policy 9 attr 1 nest policy=3 max-type=3
policy 10 attr 1 nest policy=3 max-type=3
policy 10 attr 2 nest
policy 11 attr 1 nest policy=3 max-type=3
policy 12 attr 1 nest policy=3 max-type=3
policy 12 attr 2 nest
policy 12 attr 3 binary max-length=6
policy 13 attr 1 nest policy=3 max-type=3
policy 14 attr 1 nest policy=3 max-type=3
policy 14 attr 3 nest
policy 15 attr 1 nest policy=3 max-type=3
policy 16 attr 1 nest policy=3 max-type=3
policy 16 attr 2 nest
policy 17 attr 1 nest policy=3 max-type=3
policy 18 attr 1 nest policy=3 max-type=3
policy 18 attr 6 u32 min=0 max=4294967295
policy 18 attr 7 u32 min=0 max=4294967295
policy 18 attr 8 u32 min=0 max=4294967295
policy 18 attr 9 u32 min=0 max=4294967295
policy 18 attr 10 u32 min=1 max=4294967295
policy 18 attr 11 u8 min=0 max=2
policy 18 attr 12 u32 min=1 max=4294967295
policy 18 attr 13 u8 min=0 max=1
policy 18 attr 14 u8 min=0 max=1
policy 18 attr 15 u32 min=0 max=4294967295
policy 19 attr 1 nest policy=3 max-type=3
policy 20 attr 1 nest policy=3 max-type=3
policy 20 attr 6 u32 min=0 max=4294967295
policy 20 attr 7 u32 min=0 max=4294967295
policy 20 attr 8 u32 min=0 max=4294967295
policy 20 attr 9 u32 min=0 max=4294967295
policy 21 attr 1 nest policy=3 max-type=3
policy 22 attr 1 nest policy=3 max-type=3
policy 22 attr 2 u32 min=0 max=4294967295
policy 22 attr 3 u32 min=0 max=4294967295
policy 22 attr 4 u32 min=0 max=4294967295
policy 22 attr 5 u32 min=0 max=4294967295
policy 22 attr 6 u32 min=0 max=4294967295
policy 22 attr 7 u32 min=0 max=4294967295
policy 22 attr 8 u32 min=0 max=4294967295
policy 22 attr 9 u32 min=0 max=4294967295
policy 22 attr 10 u32 min=0 max=4294967295
policy 22 attr 11 u8 min=0 max=255
policy 22 attr 12 u8 min=0 max=255
policy 22 attr 13 u32 min=0 max=4294967295
policy 22 attr 14 u32 min=0 max=4294967295
policy 22 attr 15 u32 min=0 max=4294967295
policy 22 attr 16 u32 min=0 max=4294967295
policy 22 attr 17 u32 min=0 max=4294967295
policy 22 attr 18 u32 min=0 max=4294967295
policy 22 attr 19 u32 min=0 max=4294967295
policy 22 attr 20 u32 min=0 max=4294967295
policy 22 attr 21 u32 min=0 max=4294967295
policy 22 attr 22 u32 min=0 max=4294967295
policy 22 attr 23 u32 min=0 max=4294967295
policy 22 attr 24 u8 min=0 max=1
policy 22 attr 25 u8 min=0 max=1
policy 22 attr 26 u32 min=0 max=4294967295
policy 22 attr 27 u32 min=0 max=4294967295
policy 22 attr 28 u32 min=0 max=4294967295
policy 22 attr 29 nest policy=23 max-type=1
policy 22 attr 30 nest policy=23 max-type=1
policy 23 attr 1 nest policy=24 max-type=3
policy 24 attr 1 u32 min=0 max=4294967295
policy 24 attr 2 u32 min=0 max=4294967295
policy 24 attr 3 u32 min=0 max=4294967295
policy 25 attr 1 nest policy=8 max-type=3
policy 25 attr 6 u32 min=0 max=2
policy 26 attr 1 nest policy=3 max-type=3
policy 26 attr 2 u8 min=0 max=255
policy 26 attr 3 u8 min=0 max=255
policy 26 attr 4 u8 min=0 max=255
policy 27 attr 1 nest policy=3 max-type=3
policy 28 attr 1 nest policy=3 max-type=3
policy 28 attr 2 nest
policy 28 attr 5 u8 min=0 max=255
policy 28 attr 6 u8 min=0 max=255
policy 28 attr 7 u32 min=0 max=4294967295
policy 29 attr 1 nest policy=8 max-type=3
policy 30 attr 1 nest policy=1 max-type=4
policy 31 attr 1 nest policy=1 max-type=4
policy 31 attr 2 nest
policy 32 attr 1 nest policy=3 max-type=3
policy 33 attr 1 nest policy=8 max-type=3
policy 34 attr 1 nest policy=3 max-type=3
policy 34 attr 2 nest
policy 34 attr 3 u8 min=0 max=1
policy 35 attr 1 nest policy=3 max-type=3
policy 35 attr 2 u32 min=0 max=255
policy 35 attr 3 u32 min=1 max=128
policy 35 attr 4 u8 min=0 max=255
policy 35 attr 5 u8 min=0 max=255
policy 35 attr 6 u8 min=0 max=127
policy 36 attr 2 nest policy=3 max-type=3
policy 36 attr 3 nest
policy 36 attr 5 u32 min=0 max=2
policy 37 attr 1 nest policy=3 max-type=3
policy 38 attr 1 nest policy=3 max-type=3
policy 39 attr 1 nest policy=3 max-type=3
policy 39 attr 2 u8 min=1 max=2
policy 40 attr 1 nest policy=1 max-type=4
policy 41 attr 1 nest policy=1 max-type=4
policy 41 attr 3 u32 min=2 max=3
policy 41 attr 6 u32 min=2 max=3
policy 41 attr 12 u32 min=0 max=4294967295
policy 42 attr 1 nest policy=3 max-type=3
policy 42 attr 2 u32 min=0 max=4294967295
policy 42 attr 7 u32 min=0 max=4294967295
policy 43 attr 1 nest policy=1 max-type=4
policy 44 attr 1 nest policy=1 max-type=4
policy 44 attr 3 u8 min=0 max=1
policy 44 attr 5 u32 min=1 max=255
policy 44 attr 6 u32 min=0 max=255
policy 44 attr 7 u32 min=0 max=255
policy 44 attr 8 u32 min=0 max=255
policy 44 attr 9 u32 min=0 max=255
policy 45 attr 1 nest policy=1 max-type=4
policy 46 attr 1 nest policy=8 max-type=3
policy 47 attr 1 nest policy=3 max-type=3
policy 47 attr 2 u8 min=0 max=1
policy 47 attr 3 u8 min=0 max=1
policy 47 attr 5 u32 min=60 max=252
policy 47 attr 7 u8 min=0 max=1
policy 47 attr 9 u32 min=1 max=128
policy 48 attr 1 nest policy=3 max-type=3
policy 48 attr 2 nul-string
policy 48 attr 3 u32 min=0 max=4294967295
policy 49 attr 1 nest policy=3 max-type=3
`
