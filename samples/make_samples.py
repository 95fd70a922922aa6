#!/usr/bin/env python3
"""The two ends of make-samples.sh: WordNet's files to training text, and trained vectors to the sample files.

  make_samples.py corpus DICT WORDS TEXT     choose the words (token, spelling, label; tab-separated) and write fastText's training text
  make_samples.py pack WORDS VECTORS OUT     write OUT.npy, OUT.txt and OUT.labels.txt from fastText's .vec file

Needs nothing outside Python's standard library. The same input gives the same output, byte for byte.
"""

import math
import re
import struct
import sys
from collections import Counter

from wordnet import WordNet

COUNT = 16000

# Words that say how a gloss is built rather than what it is about.
STOP_WORDS = frozenset(
    "a about after all also although an and another any anything are as at be because been before being between both but "
    "by can could did do does doing done during each either especially esp etc ever every everything few for from had has "
    "have having he her here him himself his how i if in into is it its itself just kind less like made make many may me "
    "might more most much must my no nor not nothing of off often on one ones oneself onto only or other others our out "
    "over own people person quite rather s same several shall she should since so some someone something such t than that "
    "the their them themselves then there these they this those through thus to too under until up upon us use used using "
    "usually various very was way we well were what when where whether which while who whom whose will with within "
    "without would yet you your".split())

# Pointer symbols of wninput(5WN).
HYPERNYMS = {"@", "@i"}
HYPONYMS = {"~", "~i"}
RELATED = {"!", "&", "+", "%m", "%s", "%p", "*", ">", "^", "$", "<", "\\", "="}
USAGE = ";u"

# A demo should not greet anyone with an insult: words with such a sense are not chosen.
RUDE_USAGE = {"ethnic_slur", "disparagement", "obscenity", "dirty_word", "vulgarism"}
RUDE_GLOSS = re.compile(r"\b(slurs?|offensive|disparaging|derogatory|obscene|vulgar|pejorative)\b")

AVOIDED = frozenset("ass colored oriental pansy prick queer rape whore".split())


def tokens(wordnet, text, phrases):
    """Dictionary forms of a text's words without the stop words; a phrase with an entry of its own is one token."""
    forms = re.findall(r"[a-z0-9][a-z0-9'.-]*[a-z0-9]|[a-z]", text.lower().replace("_", " "))
    found, at = [], 0
    while at < len(forms):
        for length in (3, 2):
            phrase = "_".join(forms[at:at + length - 1] + [wordnet.lemma(form) for form in forms[at + length - 1:at + length]])
            if phrase in phrases:
                found.append(phrase)
                at += length
                break
        else:
            if forms[at] not in STOP_WORDS:
                found.append(wordnet.lemma(forms[at]))
            at += 1
    return found


def choose(wordnet, texts):
    """The words a reader is most likely to know: tagged often, used often in glosses, of many senses."""
    uses = Counter()
    for definition, examples in texts.values():
        uses.update({*definition}.union(*examples))
    rude = {key for key, synset in wordnet.synsets.items()
            if RUDE_GLOSS.search(synset.definition)
            or any(symbol == USAGE and RUDE_USAGE & {*wordnet.synsets[target].words} for symbol, target, _, _ in synset.pointers)}
    scores = {}
    for word, senses in wordnet.senses.items():
        # Glosses are full of adjectives and compounds of the botanist's and the zoologist's, which no tagged text ever used.
        category = senses[0].synset.category
        jargon = senses[0].tags == 0 and ("-" in word or not category.startswith(("noun", "verb")))
        idiom = "_" in word and not category.startswith("noun")
        insult = any(sense.synset.key in rude for sense in senses) and (senses[0].synset.key in rude or senses[0].tags < 3)
        plain = re.fullmatch(r"[a-z]{2,}([_-][a-z]{2,})*", word) and word not in STOP_WORDS | AVOIDED
        if plain and not jargon and not idiom and not insult:
            scores[word] = 2 * wordnet.tag_count(word) + uses[word] + len(senses)
    return sorted(sorted(scores, key=lambda word: (-scores[word], word))[:COUNT])


def sisters_of(wordnet, synset, number, chosen):
    """Chosen words of the synsets under the same hypernyms, those that follow in WordNet's order first."""
    sisters = []
    for symbol, parent, source, _ in synset.pointers:
        if symbol in HYPERNYMS and source in (0, number):
            under = [key for symbol, key, _, _ in wordnet.synsets[parent].pointers if symbol in HYPONYMS]
            at = under.index(synset.key)
            for key in under[at + 1:] + under[:at]:
                sisters += [word for word in wordnet.synsets[key].words if word in chosen][:1]
    return sisters


def training_lines(wordnet, texts, chosen):
    """Lines of context for the chosen words, most for a word's most frequent sense, so that it wins over the rest; the other
    synsets once each, for what they say about the words in their glosses."""
    for key in sorted(texts):
        synset = wordnet.synsets[key]
        definition, examples = texts[key]
        yield from examples
        if chosen.isdisjoint(synset.words):
            yield [synset.words[0], *wordnet.related(synset, 0, HYPERNYMS), *definition]
    for word in sorted(chosen):
        for place, sense in enumerate(wordnet.senses[word]):
            synset = sense.synset
            number = synset.words.index(word) + 1
            synonyms = [other for other in synset.words if other != word]
            above = [*dict.fromkeys(wordnet.related(synset, number, HYPERNYMS))]
            higher = [*dict.fromkeys(other for symbol, key, _, _ in synset.pointers if symbol in HYPERNYMS
                                     for other in wordnet.related(wordnet.synsets[key], 0, HYPERNYMS))]
            around = [*dict.fromkeys(wordnet.related(synset, number, RELATED))]
            sisters = sisters_of(wordnet, synset, number, chosen)
            for turn in range(int(math.log2(1 + sense.tags)) // 2 + (3 if place == 0 else 1)):
                yield [word, *synonyms[:6], *above[:4], word, *sisters[3 * turn:3 * turn + 3], *higher[:3], *around[:8]]
                yield [word, *texts[synset.key][0]]


def write_corpus(folder, words_path, text_path):
    wordnet = WordNet(folder)
    phrases = {word for word in wordnet.senses if "_" in word and wordnet.tag_count(word) > 0}
    texts = {key: (tokens(wordnet, synset.definition, phrases), [tokens(wordnet, example, phrases) for example in synset.examples])
             for key, synset in wordnet.synsets.items()}
    chosen = choose(wordnet, texts)
    with open(words_path, "w", encoding="ascii", newline="\n") as out:
        for word in chosen:
            synset = wordnet.senses[word][0].synset
            spelling = synset.spellings[synset.words.index(word)].replace("_", " ")
            out.write(f"{word}\t{spelling}\t{synset.category}\n")
    with open(text_path, "w", encoding="utf-8", newline="\n") as out:
        for line in training_lines(wordnet, texts, {*chosen}):
            if len(line) > 1:
                out.write(" ".join(line) + "\n")


def unit(vector):
    norm = math.sqrt(math.fsum(x * x for x in vector))
    return [x / norm for x in vector]


def pack(words_path, vectors_path, out):
    with open(words_path, encoding="ascii") as lines:
        words = [line.rstrip("\n").split("\t") for line in lines]
    wanted = {token for token, _, _ in words}
    vectors = {}
    with open(vectors_path, encoding="utf-8") as lines:
        dimension = int(next(lines).split()[1])
        for line in lines:
            token, *numbers = line.split()
            if token in wanted:
                vectors[token] = unit([float(x) for x in numbers])
    missing = sorted(wanted - vectors.keys())
    if missing:
        sys.exit(f"{vectors_path}: no vector for {len(missing)} of the {len(wanted)} words in {words_path}, the first is {missing[0]}")
    # Less the mean, as all word vectors share a direction that says nothing about any of them; then of unit length again.
    mean = [math.fsum(column) / len(words) for column in zip(*(vectors[token] for token, _, _ in words))]
    header = f"{{'descr': '<f2', 'fortran_order': False, 'shape': ({len(words)}, {dimension}), }}"
    header += " " * (-(10 + len(header) + 1) % 64) + "\n"
    with open(out + ".npy", "wb") as npy:
        npy.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode("ascii"))
        for token, _, _ in words:
            npy.write(struct.pack(f"<{dimension}e", *unit([x - m for x, m in zip(vectors[token], mean)])))
    for suffix, column in ((".txt", 1), (".labels.txt", 2)):
        with open(out + suffix, "w", encoding="ascii", newline="\n") as lines:
            lines.writelines(word[column] + "\n" for word in words)


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "corpus":
        write_corpus(*sys.argv[2:])
    elif len(sys.argv) == 5 and sys.argv[1] == "pack":
        pack(*sys.argv[2:])
    else:
        sys.exit(__doc__)
