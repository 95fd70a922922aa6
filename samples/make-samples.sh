#!/bin/sh
# Makes the sample embeddings again from Debian's packages:
#
#   apt-get install fasttext wordnet-base python3
#   samples/make-samples.sh [FOLDER]      (default: the folder of this script)
#
# Takes about four minutes on one core, 0.5 GB of memory and 150 MB in $TMPDIR. One thread, as fastText's threads race for
# the same weights: with one, the same packages on the same processor give the same files, byte for byte.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here}
dict=/usr/share/wordnet

missing=
command -v fasttext > /dev/null || missing="$missing fasttext"
command -v python3 > /dev/null || missing="$missing python3"
[ -f "$dict/data.noun" ] || missing="$missing wordnet-base"
if [ -n "$missing" ]; then
    echo "make-samples.sh: missing packages; install them with: apt-get install$missing" >&2
    exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

export PYTHONDONTWRITEBYTECODE=1
mkdir -p "$out"
python3 "$here/make_samples.py" corpus "$dict" "$work/words.tsv" "$work/text"
# Whole words only (-maxn 0): with letter n-grams, 20 MB of text teach spelling before meaning.
fasttext skipgram -input "$work/text" -output "$work/model" -dim 128 -minCount 8 -maxn 0 -ws 5 -neg 5 -epoch 10 \
    -thread 1 -seed 1
python3 "$here/make_samples.py" pack "$work/words.tsv" "$work/model.vec" "$out/wordnet-words"
cd "$out"
sha256sum wordnet-words.npy wordnet-words.txt wordnet-words.labels.txt > SHA256SUMS
cat SHA256SUMS
