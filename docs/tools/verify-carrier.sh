#!/bin/sh
# Verify a carrier of the state intermediate control without the program that made it.
#
#   verify-carrier.sh [-t LIST] [-f "GROUPS"] [-i IDENTITY [-o FOLDER]] CARRIER [PART ...]
#
#   -t LIST      a trust list (JSON), or a carrier that brings one; without it the carrier's own list is used
#   -f GROUPS    the 8 check groups of the root from the testing centre's sheet, to be compared
#   -i IDENTITY  an age identity of a recipient: decrypt, and compare inner headers, counts and images too
#   -o FOLDER    with -i: put records.jsonl and the images there (under numbers; names are listed in images.txt)
#
# Needs sh, awk, sed, tr, cmp, wc, base64, sha256sum, unzip, openssl 3 and, for -i, age. Exit codes: 0 whole and rightly
# signed, 4 refused (the code in brackets is the program's own), 2 wrong usage. The format is described in carriers.md.

set -u
LC_ALL=C
export LC_ALL
TWO_PERSONS=" answer-key results stream-decision trust "
UNLISTED=" enrolment "
TAB=$(printf '\t')

refuse() { printf 'REFUSED [%s] %s\n' "$1" "$2"; exit 4; }
usage() { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }

own='' groups='' identity='' folder=''
while getopts t:f:i:o: option; do
    case $option in
    t) own=$OPTARG ;; f) groups=$OPTARG ;; i) identity=$OPTARG ;; o) folder=$OPTARG ;; *) usage ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
for tool in awk sed tr cmp wc base64 sha256sum unzip openssl ${identity:+age}; do
    command -v "$tool" > /dev/null || { echo "$tool is missing" >&2; exit 2; }
done
for file in "$@" ${own:+"$own"} ${identity:+"$identity"}; do
    [ -f "$file" ] || { echo "there is no file $file" >&2; exit 2; }
done
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# --- small things

size() { wc -c < "$1" | tr -d ' '; }
sha() { sha256sum "$1" | cut -c1-64; }
sha_in() { sha256sum | cut -c1-64; }
entry() { unzip -p "$1" "$2" 2> /dev/null; }

# Bytes of hexadecimal digits.
bytes() {
    printf '%b' "$(printf %s "$1" | awk '{ d = "0123456789abcdef"; for (i = 1; i < length($0); i += 2)
        printf "\\0%03o", 16 * (index(d, substr($0, i, 1)) - 1) + index(d, substr($0, i + 1, 1)) - 1 }')"
}

# JSON as lines "path TAB value"; texts without quotes. Canonical JSON has no blanks, so every byte has its meaning.
flatten() {
    awk '
        function die() { bad = 1; exit 1 }
        function text_at(   wide, end) {
            if (substr(text, at, 1) != "\"") die()
            for (wide = 128; ; wide *= 4) {
                end = index(substr(text, at + 1, wide), "\"")
                if (end) { found = substr(text, at + 1, end - 1); at += end + 1; return found }
                if (wide > length(text)) die()
            }
        }
        function value(path,   key, n, c, raw) {
            c = substr(text, at, 1)
            if (c == "{" || c == "[") {
                at++; n = 0
                if (substr(text, at, 1) == (c == "{" ? "}" : "]")) { at++; print path "\t" c; return }
                while (1) {
                    if (c == "{") { key = text_at(); if (substr(text, at++, 1) != ":") die() } else key = n++
                    value(path "." key)
                    raw = substr(text, at++, 1)
                    if (raw == (c == "{" ? "}" : "]")) return
                    if (raw != ",") die()
                }
            }
            if (c == "\"") { print path "\t" text_at(); return }
            raw = substr(text, at, 32); sub(/[],}].*/, "", raw)
            if (raw !~ /^(null|true|false|-?[0-9]+)$/) die()
            at += length(raw); print path "\t" raw
        }
        { text = text (NR > 1 ? "\n" : "") $0 }
        END { if (bad) exit 1; at = 1; value(""); if (at != length(text) + 1) exit 1 }' "$1"
}
get() { awk -F "$TAB" -v want="$2" '$1 == want { print $2; exit }' "$1"; }
all() { awk -F "$TAB" -v want="$2" 'index($1, want ".") == 1 && substr($1, length(want) + 2) ~ /^[0-9]+$/ { print $2 }' "$1"; }
holds() { all "$1" "$2" | grep -qxF -e "$3" -e '*'; }

# --- DSSE: dsse ENVELOPE TYPE PAYLOAD writes the payload and, one a line, the keys whose signatures fit

signed_by() { # PAYLOAD TYPE PAIRS: every "keyid signature" must fit
    { printf 'DSSEv1 %d %s %d ' ${#2} "$2" "$(size "$1")"; cat "$1"; } > "$work/pae"
    while read -r key signature; do
        bytes "302a300506032b6570032100$key" > "$work/key"
        printf %s "$signature" | base64 -d > "$work/sig" 2> /dev/null
        openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key" -rawin -in "$work/pae" -sigfile "$work/sig" \
            > /dev/null 2>&1 || refuse signature-bad "the signature of $key does not fit"
    done < "$3"
    [ -s "$3" ] || refuse signature-missing "nobody has signed"
    cut -d' ' -f1 "$3" > "$1.keys"
    sort -uc "$1.keys" 2> /dev/null || refuse envelope-malformed "keys out of order"
}
dsse() {
    sed -n 's/^{"payload":"\([A-Za-z0-9+\/=]*\)","payloadType":".*/\1/p' "$1" | base64 -d > "$3" 2> /dev/null
    sed 's/^.*"signatures":\[//; s/{/\
/g' "$1" | sed -n 's/^"keyid":"\([0-9a-f]\{64\}\)","sig":"\([A-Za-z0-9+\/=]\{88\}\)".*/\1 \2/p' > "$3.pairs"
    { printf '{"payload":"'; base64 < "$3" | tr -d '\n'; printf '","payloadType":"%s","signatures":[' "$2"
      awk '{ printf "%s{\"keyid\":\"%s\",\"sig\":\"%s\"}", (NR > 1 ? "," : ""), $1, $2 }' "$3.pairs"; printf ']}'
    } | cmp -s - "$1" || refuse envelope-malformed "$1 is not written in the one form"
    signed_by "$3" "$2" "$3.pairs"
}
enough() { # KEYS-OF-ENVELOPE FLAT PATH-OF-KEYS THRESHOLD
    all "$2" "$3" | sort > "$work/wanted"
    [ "$(sort "$1" | comm -12 - "$work/wanted" | wc -l)" -ge "$4" ] && [ "$4" -gt 0 ]
}

# --- trust lists: trust LIST NAME leaves NAME.flat, NAME.roots (digests) and NAME.print (8 groups)

trust() {
    dsse "$1" application/vnd.mab.trust+json "$2"
    flatten "$2" > "$2.flat" && [ "$(get "$2.flat" .format)" = mab-trust-2 ] || refuse trust-malformed "of another form"
    : > "$2.roots"
    n=0 before=''
    while [ -n "$(get "$2.flat" ".roots.$n.payload")" ]; do
        root=$2.root$n
        get "$2.flat" ".roots.$n.payload" | base64 -d > "$root"
        awk -F "$TAB" -v at=".roots.$n.signatures." 'index($1, at) == 1 { if ($1 ~ /keyid$/) key = $2; else print key " " $2 }' \
            "$2.flat" > "$root.pairs"
        signed_by "$root" application/vnd.mab.root+json "$root.pairs"
        flatten "$root" > "$root.flat" || refuse trust-malformed "root $n"
        [ "$(get "$root.flat" .version)" = $((n + 1)) ] && [ "$(get "$root.flat" .prev)" = "$before" ] &&
            enough "$root.keys" "$root.flat" .keys "$(get "$root.flat" .threshold)" || refuse trust-root "root $((n + 1))"
        [ "$n" = 0 ] || enough "$root.keys" "$2.root$((n - 1)).flat" .keys "$(get "$2.root$((n - 1)).flat" .threshold)" ||
            refuse trust-root "root $((n + 1)) is not signed by the keys before it"
        before=$(sha "$root")
        echo "$before" >> "$2.roots"
        n=$((n + 1))
    done
    [ "$n" -gt 0 ] || refuse trust-malformed "no root"
    enough "$2.keys" "$root.flat" .list_keys "$(get "$root.flat" .list_threshold)" ||
        refuse trust-signatures "too few of the root's keys have signed the list"
    # 160 bits of the SHA-256 of the newest root's digest: every 5 hexadecimal digits are 4 symbols of 5 bits.
    bytes "$before" | sha_in | awk '{ d = "0123456789abcdef"; s = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
        for (g = 0; g < 8; g++) { v = 0; for (i = 1; i <= 5; i++) v = 16 * v + index(d, substr($0, 5 * g + i, 1)) - 1
            o = ""; for (i = 0; i < 4; i++) { o = substr(s, v % 32 + 1, 1) o; v = int(v / 32) }; printf "%s%s", (g ? " " : ""), o } }' \
        > "$2.print"
}

# --- the container: made anew from names, sizes and contents, it must be the same file

headers() { # LIST: a line for each entry: name, header, line of the directory; then the directory's end. All hexadecimal
    awk '
        function little(n, size,   hex, out, i) {
            hex = sprintf("%0" 2 * size "x", n)
            for (i = length(hex) - 1; i > 0; i -= 2) out = out substr(hex, i, 2)
            return out
        }
        function swapped(hex) { return substr(hex, 7, 2) substr(hex, 5, 2) substr(hex, 3, 2) substr(hex, 1, 2) }
        {
            fixed = "0000000000002100" swapped($3) little($2, 4) little($2, 4) little(length($1), 2) "0000"
            print $1, "504b03040a00" fixed, "504b01020a000a00" fixed "00000000000000000000" little(at, 4)
            at += 30 + length($1) + $2; directory += 46 + length($1)
        }
        END { print "-", "504b050600000000" little(NR, 2) little(NR, 2) little(directory, 4) little(at, 4) "0000", "-" }
    ' "$1"
}
rebuilt() { # FILE LIST
    headers "$2" > "$work/headers"
    : > "$work/directory"
    while read -r name local central; do
        [ "$name" != - ] || cat "$work/directory"
        bytes "$local"
        [ "$name" != - ] || return
        printf %s "$name"
        entry "$1" "$name"
        { bytes "$central"; printf %s "$name"; } >> "$work/directory"
    done < "$work/headers"
}
container() { # FILE NAME: leaves the entries' list, the trust list and the envelope of the list of contents
    [ "$(size "$1")" -le 1073741824 ] || refuse container-too-large "more than 1 GiB"
    unzip -v "$1" 2> /dev/null | awk 'NF == 8 && $2 == "Stored" { print $8, $1, $7 }' > "$2.list"
    awk 'NR == 1 && $1 != "mimetype" || NR == 2 && $1 != "trust.dsse.json" || NR == 3 && $1 != "manifest.dsse.json" ||
         NR > 3 && $1 != sprintf("payload/%04d.age", NR - 3) { exit 1 } END { if (NR < 3) exit 1 }' "$2.list" ||
        refuse container-foreign "$1 is no carrier"
    [ "$(entry "$1" mimetype)" = application/vnd.mab.carrier+zip ] || refuse container-foreign "$1 is no carrier"
    unzip -tqq "$1" > /dev/null 2>&1 || refuse container-damaged "a check sum does not fit"
    rebuilt "$1" "$2.list" | cmp -s - "$1" || refuse container-damaged "made anew, the file is another one"
    entry "$1" trust.dsse.json > "$2.trust"
    entry "$1" manifest.dsse.json > "$2.envelope"
}

# --- who may do what, by the trust list

in_force() { # FLAT PATH-OF-ENTRY MANIFEST: the key counts for this place of this stream
    [ "$(get "$1" "$2.last_valid")" = null ] && return 0
    awk -F "$TAB" -v at="$2.last_valid." -v stream="$(get "$3" .stream)" -v epoch="$(get "$3" .epoch)" \
        -v seq="$(get "$3" .seq)" 'index($1, at) == 1 { n = split($1, part, "."); line = part[n - 1]; v[line, part[n]] = $2; lines[line] }
        END { for (l in lines) if (v[l, "stream"] == stream && (epoch + 0 < v[l, "epoch"] + 0 ||
              epoch + 0 == v[l, "epoch"] + 0 && seq + 0 <= v[l, "seq"] + 0)) exit 0; exit 1 }' "$1"
}
entry_of() { # FLAT KEYID: the path of the device or person that signs with it
    awk -F "$TAB" -v key="$2" '$2 == key && $1 ~ /^\.organisations\.[0-9]+\.(devices|persons)\.[0-9]+\.keyid$/ {
        sub(/\.keyid$/, "", $1); print $1; exit }' "$1"
}
sender() { # FLAT MANIFEST KEYS
    key=$(get "$2" .sender.keyid) kind=$(get "$2" .kind)
    grep -qxF "$key" "$3" || refuse signature-missing "the sender has not signed"
    device=$(entry_of "$1" "$key")
    if [ -z "$device" ]; then
        case $UNLISTED in *" $kind "*) echo "sender: not listed yet (an enrolment)"; return ;; esac
        refuse sender-unknown "the sender's key is not in the trust list"
    fi
    org=${device%.devices.*}
    [ "$(get "$1" "$org.org") $(get "$1" "$device.device") $(get "$1" "$device.role")" = \
        "$(get "$2" .sender.org) $(get "$2" .sender.device) $(get "$2" .sender.role)" ] ||
        refuse sender-unknown "the key belongs to somebody else"
    in_force "$1" "$device" "$2" || refuse sender-revoked "the key was withdrawn before this file"
    holds "$1" "$org.may_send" "$kind" || refuse sender-kind "the sender may not send $kind"
    awk -F "$TAB" '$1 ~ /^\.recipients\.[0-9]+\.org$/ { print $2 }' "$2" > "$work/to"
    while read -r to; do
        holds "$1" "$org.may_send_to" "$to" || refuse sender-recipient "the sender may not send to $to"
    done < "$work/to"
    persons=0
    grep -vxF "$key" "$3" > "$work/others"
    while read -r other; do
        person=$(entry_of "$1" "$other")
        case $person in "$org".persons.*) ;; *) refuse sender-unknown "$other signs, and is not of the sender" ;; esac
        in_force "$1" "$person" "$2" || refuse sender-revoked "the key of a person was withdrawn"
        persons=$((persons + 1))
        echo "signed by person: $(get "$1" "$person.person")"
    done < "$work/others"
    case $TWO_PERSONS in *" $kind "*) [ $persons -ge 2 ] || refuse persons-missing "$kind needs two persons" ;; esac
    echo "signed by device: $(get "$2" .sender.device) of $(get "$2" .sender.org)"
}

# --- what is encrypted

opened() { # FILE NAME: every payload decrypted, its inner header compared, records counted, images put together
    n=0
    while [ -n "$(get "$2.flat" ".files.$n.name")" ]; do
        entry "$1" "$(get "$2.flat" ".files.$n.name")" | age -d -i "$identity" -o "$work/plain" 2> /dev/null ||
            refuse payload-locked "this identity does not open it"
        [ "$(size "$work/plain")" = "$(get "$2.flat" ".files.$n.plain_size")" ] || refuse payload-header "another size"
        head -n 1 "$work/plain" | tr -d '\n' > "$work/head"
        flatten "$work/head" > "$work/head.flat" || refuse payload-header "no header"
        for field in kind stream epoch seq set_id part sender.org sender.device sender.keyid; do
            [ "$(get "$work/head.flat" ".$field")" = "$(get "$2.flat" ".$field")" ] || refuse payload-header "$field"
        done
        [ "$(get "$work/head.flat" .index)" = $((n + 1)) ] && [ "$(all "$work/head.flat" .recipients)" = \
            "$(awk -F "$TAB" '$1 ~ /^\.recipients\.[0-9]+\.org$/ { print $2 }' "$2.flat")" ] || refuse payload-header "place"
        if [ "$(get "$work/head.flat" .holds)" = records ]; then
            tail -n +2 "$work/plain" >> "$work/records.jsonl"
        else
            tail -n +2 "$work/plain" >> "$work/image"
            if [ "$(size "$work/image")" = "$(get "$work/head.flat" .attachment.size)" ]; then
                [ "$(sha "$work/image")" = "$(get "$work/head.flat" .attachment.sha256)" ] || refuse attachment-damaged image
                images=$((images + 1))
                printf '%05d\t%s\n' $images "$(get "$work/head.flat" .attachment.name)" >> "$work/images.txt"
                [ -z "$folder" ] || cp "$work/image" "$folder/$(printf '%05d' $images)"
                : > "$work/image"
            fi
        fi
        n=$((n + 1))
    done
}

# --- one part after the other

[ -z "$own" ] || {
    case $own in *.json) cp "$own" "$work/own.list" ;; *) entry "$own" trust.dsse.json > "$work/own.list" ;; esac
    trust "$work/own.list" "$work/own"
}
[ -z "$folder" ] || mkdir -p "$folder"
: > "$work/records.jsonl"
: > "$work/image"
: > "$work/images.txt"
: > "$work/parts"
images=0 number=0
for file in "$@"; do
    number=$((number + 1)) part=$work/part$number
    echo "== $(basename "$file")  $(size "$file") bytes  sha256 $(sha "$file")"
    container "$file" "$part"
    dsse "$part.envelope" application/vnd.mab.manifest+json "$part.manifest"
    flatten "$part.manifest" > "$part.flat" && [ "$(get "$part.flat" .format)" = mab-carrier-1 ] ||
        refuse manifest-malformed "of another form"
    [ "$(get "$part.flat" .trust.sha256)" = "$(sha "$part.trust")" ] || refuse payload-digest "another trust list"
    trust "$part.trust" "$part.carried"
    list=$part.carried
    if [ -n "$own" ]; then
        [ "$(head -n 1 "$work/own.roots")" = "$(head -n 1 "$list.roots")" ] ||
            refuse trust-centre "the list in the file comes from another centre"
        shared=$(wc -l < "$work/own.roots")
        [ "$shared" -le "$(wc -l < "$list.roots")" ] || shared=$(wc -l < "$list.roots")
        [ "$(head -n "$shared" "$work/own.roots")" = "$(head -n "$shared" "$list.roots")" ] ||
            refuse trust-root "the keys were changed otherwise than in the own list"
        [ "$(get "$work/own.flat" .version)" -lt "$(get "$list.flat" .version)" ] || list=$work/own
    fi
    awk -F "$TAB" '$1 ~ /^\.files\.[0-9]+\.(name|size)$/ { printf "%s%s", $2, ($1 ~ /size$/ ? "\n" : " ") }' "$part.flat" \
        > "$work/listed"
    awk 'NR > 3 { print $1, $2 }' "$part.list" | cmp -s - "$work/listed" ||
        refuse container-names "the file holds other parts than its list of contents says"
    n=0
    while [ -n "$(get "$part.flat" ".files.$n.name")" ]; do
        [ "$(entry "$file" "$(get "$part.flat" ".files.$n.name")" | sha_in)" = "$(get "$part.flat" ".files.$n.sha256")" ] ||
            refuse payload-digest "$(get "$part.flat" ".files.$n.name")"
        n=$((n + 1))
    done
    sender "$list.flat" "$part.flat" "$part.manifest.keys"
    printf '%s %s\n' "$(get "$part.flat" .part)" "$number" >> "$work/parts"
done

# --- the set

sort -n "$work/parts" > "$work/sorted"
first=$work/part$(head -n 1 "$work/sorted" | cut -d' ' -f2) want=1 before=''
while read -r place number; do
    part=$work/part$number
    for field in set_id stream epoch seq parts; do
        [ "$(get "$part.flat" ".$field")" = "$(get "$first.flat" ".$field")" ] || refuse set-mixed "not of one set"
    done
    [ "$place" -ge "$want" ] || refuse set-mixed "a part twice"
    [ "$place" = "$want" ] || refuse set-incomplete "part $want is missing"
    [ "$place" = 1 ] || [ "$(get "$part.flat" .prev)" = "$before" ] || refuse set-mixed "parts do not follow each other"
    before=$(sha "$part.manifest") want=$((place + 1))
done < "$work/sorted"
[ "$want" -gt "$(get "$first.flat" .parts)" ] || refuse set-incomplete "part $want is missing"

if [ -n "$identity" ]; then
    while read -r place number; do
        eval "file=\${$number}"
        opened "$file" "$work/part$number"
    done < "$work/sorted"
    [ ! -s "$work/image" ] || refuse attachment-damaged "an image is not whole"
    awk -F "$TAB" 'index($1, ".counts.") == 1 { print substr($1, 9), $2 }' "$first.flat" | sort > "$work/counted"
    sed -n 's/^.*[{,]"type":"\([a-z0-9-]*\)".*$/\1/p' "$work/records.jsonl" | sort | uniq -c |
        awk '{ print $2, $1 }' | sort | cmp -s - "$work/counted" || refuse counts-differ "other records than listed"
    echo "decrypted: $(wc -l < "$work/records.jsonl" | tr -d ' ') records, $images images"
    [ -z "$folder" ] || cp "$work/records.jsonl" "$work/images.txt" "$folder/"
fi

for field in kind campaign mode stream epoch seq parts created; do
    echo "$field: $(get "$first.flat" ".$field")"
done
awk -F "$TAB" 'index($1, ".counts.") == 1 { print "count " substr($1, 9) ": " $2 }
    index($1, ".control_sums.") == 1 { print "sum " substr($1, 15) ": " $2 }' "$first.flat"
echo "digest: $before"
echo "trust list: number $(get "$list.flat" .version), until $(get "$list.flat" .expires); root $(cat "$list.print")"
if [ -n "$groups" ]; then
    [ "$(printf %s "$groups" | tr -d ' -' | tr a-z A-Z)" = "$(tr -d ' ' < "$list.print")" ] ||
        refuse trust-fingerprint "the groups of the root are not those of the paper"
elif [ -z "$own" ]; then
    echo "The trust list came with the file: compare the groups of its root with the testing centre's paper."
fi
echo "WHOLE AND RIGHTLY SIGNED"
