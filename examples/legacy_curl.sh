#!/bin/sh
# Cut out photos with remove.bg: the sample for curl, over a list of files. Where the API lives comes from outside.
#
# sh legacy_curl.sh OUT_FOLDER PHOTO [PHOTO ...]
set -eu

out=$1
shift
for photo in "$@"; do
    curl --silent --show-error --fail \
        -H "X-API-Key: ${REMOVE_BG_API_KEY:-INSERT_YOUR_API_KEY_HERE}" \
        -F "image_file=@$photo" \
        -F 'size=preview' \
        -F 'crop=true' \
        "${REMOVE_BG_URL:-https://api.remove.bg}/v1.0/removebg" -o "$out/preview-$(basename "$photo").png"
done
