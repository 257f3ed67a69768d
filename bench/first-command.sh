#!/usr/bin/env bash
# What README's first command costs on a bare Debian 12 that has the .NET SDK alone: seconds, packages, megabytes.
#   bench/first-command.sh [COMMIT]
# Wants root, debootstrap, and the SDK in /usr/share/dotnet (DOTNET_ROOT names another folder); leaves nothing behind.
set -euo pipefail

repository=$(readlink -f -- "${BASH_SOURCE[0]%/*}/..")
sdk=$(readlink -f -- "${DOTNET_ROOT:-/usr/share/dotnet}")
root=$(mktemp -d)
clean_up() {
    local process
    # The build's servers wait for another build.
    for process in /proc/[0-9]*; do
        [[ $(readlink "$process/root") != "$root"* ]] || kill "${process#/proc/}" 2>/dev/null || true
    done
    umount -l "$root/proc" "$root/dev" "$root$sdk" 2>/dev/null || true
    rm -rf --one-file-system -- "$root"
}
trap clean_up EXIT

debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >&2
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/etc/ssl/certs"
cp -rL /etc/ssl/certs "$root/etc/ssl/certs"
mkdir -p "$root$sdk"
mount --bind "$sdk" "$root$sdk"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
ln -s "$sdk/dotnet" "$root/usr/local/bin/dotnet"
git clone -q "$repository" "$root/affekt"
git -C "$root/affekt" checkout -q "$(git -C "$repository" rev-parse "${1:-HEAD}")"

used() { du -smx "$root" | cut -f 1; }
before=$(used)
SECONDS=0
chroot "$root" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /affekt/affekt recognize /affekt/samples/sample.mp4 --text "Oh my goodness! You came all this way? I did not expect you!" \
    2> >(tee "$root/log" >&2)
seconds=$SECONDS
grep -E 'newly installed|Need to get' "$root/log" || true
find "$root/root/.nuget/packages" -name '*.nupkg' -printf '%s\n' |
    awk '{ bytes += $1 } END { printf "NuGet: %.0f MB to get\n", bytes / 1e6 }'
printf '%s s, %s MiB more on disk\n' "$seconds" "$(($(used) - before))"
