#!/bin/sh
# Draw the seats of a shift again with standard tools only, and compare them with the proof (docs/seating-proof.md).
#
#   redraw-seats.sh PROOF SECRET > seats.txt
#
# PROOF is the file that the ministry programmer saves on the seating page, SECRET the centre's half of the seed (64
# hexadecimal characters, `mab ntc check-seating BASE SHIFT --reveal-to NAME`). Needs sh, openssl 3, sort and awk.
# Prints `hall|seat|student` a line. Exit code 0: every digest and every seat agree; 1: something differs, said on
# standard error; 2: wrong usage.

set -eu
LC_ALL=C
export LC_ALL

if [ $# -ne 2 ] || [ ! -r "$1" ]; then
    echo "usage: redraw-seats.sh PROOF SECRET" >&2
    exit 2
fi
proof=$1
secret=$2
status=0

differs() {
    echo "DIFFERS: $1" >&2
    status=1
}

# The value of a name in the head of the proof.
value() {
    awk -v name="$1" '/^\[/ { exit } index($0, name "=") == 1 { print substr($0, length(name) + 2); exit }' "$proof"
}

# The lines of a part of the proof, as they were hashed.
part() {
    awk -v part="[$1]" '/^\[/ { inside = ($0 == part); next } inside' "$proof"
}

# SHA-256 of standard input, hexadecimal.
sha256() {
    openssl dgst -sha256 -r | awk '{ print $1 }'
}

# The bytes that a hexadecimal text stands for.
bytes() {
    printf "$(printf '%s' "$1" | awk '{
        for (i = 1; i < length($0); i += 2)
            printf "\\%03o", 16 * (index("0123456789abcdef", substr($0, i, 1)) - 1) \
                + index("0123456789abcdef", substr($0, i + 1, 1)) - 1
    }')"
}

case $secret in *[!0-9a-f]*) differs "the secret is not hexadecimal"; exit 1 ;; esac
university=$(value university)
shift_number=$(value shift)
commitment=$(value commitment)
roster=$(value roster)
halls=$(value halls)
local_half=$(value local)

# 1. The secret is the one that the centre committed itself to; list and halls are those that were frozen.
[ "$(bytes "$secret" | sha256)" = "$commitment" ] || differs "the secret does not fit the commitment"
[ "$(part roster | sha256)" = "$roster" ] || differs "the list of students is not the frozen one"
[ "$(part halls | sha256)" = "$halls" ] || differs "the halls are not the frozen ones"

# 2. The twelve characters that were told before the password: the first 60 bits, five a character.
code=$(printf 'mab-freeze-1|%s|%s|%s|%s|%s|%s' "$university" "$shift_number" "$commitment" "$roster" "$halls" \
    "$local_half" | sha256 | awk '{
        for (i = 1; i <= 15; i++) {
            digit = index("0123456789abcdef", substr($0, i, 1)) - 1
            for (b = 8; b >= 1; b /= 2) { bits = bits (digit >= b ? 1 : 0); if (digit >= b) digit -= b }
        }
        for (i = 1; i <= 60; i += 5) {
            number = 0
            for (j = 0; j < 5; j++) number = 2 * number + substr(bits, i + j, 1)
            printf "%s", substr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", number + 1, 1)
        }
    }')
[ "$code" = "$(value code)" ] || differs "the twelve characters are $code, not those that were told"

# 3. The seed of the draw: HKDF of both halves, bound to the frozen lists.
seed=$(openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt "hexkey:$secret$local_half" -kdfopt salt:mab-seating-1 \
    -kdfopt "hexinfo:$roster$halls" HKDF | awk '{ gsub(":", ""); print tolower($0) }')

# 4. Students in the order of the HMAC of their identifiers; the seats of each hall filled from 1 on.
seats=$(part roster | awk -F'|' 'NR > 1 { print $1, $2 }' | while read -r hall student; do
    mac=$(printf 'student|%s' "$student" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$seed" -r)
    echo "${mac%% *}|$student|$hall"
done | sort -t'|' -k1,1 -k2,2 | awk -F'|' '{ print $3 "|" ++taken[$3] "|" $2 }' | sort -t'|' -k1,1 -k2,2n)

# 5. The seats are those of the proof, one by one.
printf '%s\n' "$seats"
[ "$(printf '%s\n' "$seats" | sha256)" = "$(value result)" ] || differs "the digest of the seats is not the one reported"
[ "$seats" = "$(part seats)" ] || differs "the seats are not those of the proof"
exit $status
