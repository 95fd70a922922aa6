"""Reads WordNet 3.0's database files: wndb(5WN), cntlist(5WN), lexnames(5WN) and morphy(7WN) describe them."""

import re
from collections import Counter, defaultdict, namedtuple

PARTS = ("noun", "verb", "adj", "adv")

# lexnames(5WN): the position is the file number.
LEXICOGRAPHER_FILES = (
    "adj.all adj.pert adv.all noun.Tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition "
    "noun.communication noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person "
    "noun.phenomenon noun.plant noun.possession noun.process noun.quantity noun.relation noun.shape noun.state "
    "noun.substance noun.time verb.body verb.change verb.cognition verb.communication verb.competition verb.consumption "
    "verb.contact verb.creation verb.emotion verb.motion verb.perception verb.possession verb.social verb.stative "
    "verb.weather adj.ppl").split()

# morphy(7WN): the rules of detachment.
SUFFIXES = {
    "noun": (("s", ""), ("ses", "s"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"), ("men", "man"), ("ies", "y")),
    "verb": (("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")),
    "adj": (("er", ""), ("est", ""), ("er", "e"), ("est", "e")),
    "adv": (),
}

Sense = namedtuple("Sense", "tags rank number synset")


class Synset:
    """One line of a data file: its words as spelled and in lower case, its pointers, its definition and its quoted examples."""

    def __init__(self, line):
        fields, gloss = line.split("| ", 1)
        fields = fields.split()
        self.key = (fields[2].replace("s", "a"), fields[0])
        self.category = LEXICOGRAPHER_FILES[int(fields[1])]
        count = int(fields[3], 16)
        self.spellings = [re.sub(r"\((a|p|ip)\)$", "", fields[4 + 2 * i]) for i in range(count)]
        self.words = [spelling.lower() for spelling in self.spellings]
        at = 5 + 2 * count
        # (symbol, key of the target, word number in this synset, word number in the target); 0 is the synset as a whole.
        self.pointers = [(fields[i], (fields[i + 2].replace("s", "a"), fields[i + 1]), int(fields[i + 3][:2], 16), int(fields[i + 3][2:], 16))
                         for i in range(at, at + 4 * int(fields[at - 1]), 4)]
        self.examples = re.findall(r'"([^"]+)"', gloss)
        self.definition = re.sub(r'"[^"]*"?', " ", gloss)


class WordNet:
    """The database of one folder. `senses` gives a word's senses, the one met most often first."""

    def __init__(self, folder):
        self.folder = folder
        self.synsets = {}
        for part in PARTS:
            for line in self._lines("data." + part):
                synset = Synset(line)
                self.synsets[synset.key] = synset
        tags = self._tag_counts()
        self.senses = defaultdict(list)
        self.in_part = {part: set() for part in PARTS}
        self.exceptions = {part: {} for part in PARTS}
        for rank, part in enumerate(PARTS):
            for line in self._lines("index." + part):
                word, letter, senses, *rest = line.split()
                self.in_part[part].add(word)
                for number, offset in enumerate(rest[-int(senses):], 1):
                    self.senses[word].append(Sense(tags[word, part, number], rank, number, self.synsets[letter, offset]))
            for line in self._lines(part + ".exc"):
                form, lemma = line.split()[:2]
                self.exceptions[part].setdefault(form, lemma)
        for senses in self.senses.values():
            # The database's own order means nothing among senses that were never tagged: the one with most relations goes first.
            senses.sort(key=lambda sense: (-sense.tags, sense.rank, -len(sense.synset.pointers) if sense.tags == 0 else 0, sense.number))
        self._lemmas = {}

    def _lines(self, name):
        with open(f"{self.folder}/{name}", encoding="utf-8") as lines:
            return [line.rstrip() for line in lines if not line.startswith("  ")]

    def _tag_counts(self):
        """How often each sense was met in the texts that WordNet's authors tagged by hand."""
        tags = Counter()
        for line in self._lines("cntlist.rev"):
            key, number, count = line.split()
            word, rest = key.rsplit("%", 1)
            tags[word, (*PARTS, "adj")[int(rest[0]) - 1], int(number)] = int(count)
        return tags

    def tag_count(self, word):
        return sum(sense.tags for sense in self.senses.get(word, ()))

    def related(self, synset, word_number, symbols):
        """The words that pointers of these kinds lead to, from the synset as a whole or from its word of that number."""
        for symbol, key, source, target in synset.pointers:
            if symbol in symbols and source in (0, word_number):
                words = self.synsets[key].words
                yield from words if target == 0 else words[target - 1:target]

    def lemma(self, form):
        """The dictionary form of a word met in running text; the form itself where WordNet does not know it."""
        if form not in self._lemmas:
            self._lemmas[form] = max(self._candidates(form), key=self.tag_count)
        return self._lemmas[form]

    def _candidates(self, form):
        # "left" is an adjective and a form of "leave": the caller takes the reading that is met most often, the first of equals.
        if form in self.senses:
            yield form
        for part in PARTS:
            if form in self.exceptions[part]:
                yield self.exceptions[part][form]
            for suffix, ending in SUFFIXES[part]:
                stem = form[:-len(suffix)] + ending
                if form.endswith(suffix) and len(stem) > 2 and stem in self.in_part[part]:
                    yield stem
        if form not in self.senses:
            yield form
