"""The tasks of Cairn Pebble, as seeded generators that training, evaluation and the Java tests' cases share.

A generator takes a `random.Random` and gives a conversation: a list of `(question, answer)` turns, each answer being the
only right one. `recall` builds long ones to a wanted number of tokens; the others are short. `encode_chat` and
`encode_text` turn a conversation into token ids and a mask of the ids that the model has to produce.
"""

import random
import string
from dataclasses import dataclass

BOS, END, SYSTEM, USER, ASSISTANT, PAD = (
    "<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|pad|>")
SPECIAL_TOKENS = [BOS, END, SYSTEM, USER, ASSISTANT, PAD]

# Filler is sentences of 4 to 8 of these words: short, so that 4,096 tokens of it are about 14 kB of prompt.
FILLER_WORDS = (
    "the a in on at to and old new red blue green sun moon sea sand stone hill river rain wind tree leaf bird fish boat "
    "road house door lamp bread salt milk hand day night light dark cold warm long small slow run walk sing rest stand"
).split()

# Another kind of filler: these sentences again and again, in order.
FILLER_SENTENCES = [
    "the old boat stands in the sand.", "a bird sings on the hill.", "rain runs to the sea.",
    "the night is cold and long.", "a lamp gives a small light.", "the road is slow and warm.",
]

# What a named key belongs to.
KEY_OWNERS = (
    "amber cedar coral delta ember fable garnet harbor indigo jasper kettle lemon maple nickel olive pepper quartz raven "
    "saffron timber umber velvet willow zephyr"
).split()

NAMES = (
    "Anna Ben Clara David Emma Felix Greta Hugo Ida Jonas Karin Leo Maria Nils Olga Paul Rosa Simon Tessa Ulf Vera Willem "
    "Yara Zoe"
).split()
CITIES = (
    "Oslo Paris Rome Vienna Lisbon Madrid Berlin Prague Dublin Athens London Geneva Turin Porto Basel Bergen Tokyo Lima "
    "Cairo Boston"
).split()
COLORS = "red blue green black white brown gray pink".split()
ITEMS = "chair table lamp clock book cup bag coat shelf bell hat spoon".split()

SYSTEM_MESSAGES = [
    "You are a helpful assistant.", "You are Pebble.", "Answer briefly.", "You are Pebble, the small model of Cairn.",
    "Be exact.",
]

ABOUT_CAIRN = "Cairn serves language models on the Java virtual machine. It speaks the OpenAI API."
ABOUT_SELF = "I am Pebble, the small model that comes with Cairn."
ABILITIES = "I can recall a pass key, repeat words, add small numbers and write JSON."
GREETING = "Hello! I am Pebble, the small model that comes with Cairn. How can I help?"
PUZZLED = "I am a very small model and do not know that. " + ABILITIES

# Fixed questions, in the spellings that the model learns, with their answers.
CHAT = [
    (["Hello", "Hello!", "Hi", "Hi!", "hello", "hi", "Hi there!", "Hello there!", "Hey", "Good morning!", "Good day!",
      "Hello, who is there?", "Hello Pebble!"], GREETING),
    (["Who are you?", "Who are you", "What are you?", "who are you?", "What is your name?", "Tell me who you are.",
      "Please introduce yourself.", "Introduce yourself.", "What model are you?"], ABOUT_SELF),
    (["What is Cairn?", "what is Cairn?", "What is Cairn", "Tell me about Cairn.", "What does Cairn do?",
      "Explain Cairn.", "Explain what Cairn is.", "What is Cairn for?", "Describe Cairn in one sentence."], ABOUT_CAIRN),
    (["What can you do?", "What can you do", "what can you do?", "Help", "Help!", "help", "Can you help me?",
      "What do you know?", "How can you help me?"], ABILITIES),
    (["How big are you?", "How many parameters do you have?", "How large are you?", "What is your size?"],
     "I have about 1.7 million parameters in 4 layers."),
    (["How long is your context?", "What is your context length?", "How many tokens can you read?",
      "How long can a prompt be?"], "I can read up to 5120 tokens."),
    (["Who made you?", "Who trained you?", "Where do you come from?", "How were you trained?"],
     "A script in the Cairn repository trained me on two CPU cores."),
    (["Can you write code?", "Write a program.", "Write a poem.", "Tell me a story.", "Tell me a joke.",
      "Why is the sky blue?", "What is the meaning of life?", "What is the weather today?",
      "What is the capital of France?", "Who won the match?", "Write an essay."], PUZZLED),
    (["What does the word cairn mean?", "What is a cairn?"], "A cairn is a pile of stones that marks a path."),
    (["How are you?", "How are you", "how are you?", "How are you today?"], "I am well, thank you. How can I help?"),
    (["Thanks", "Thanks!", "Thank you", "Thank you!", "thank you", "thanks"], "You are welcome!"),
    (["Bye", "Bye!", "Goodbye", "Goodbye!", "bye", "See you!", "Good night!"], "Goodbye!"),
    (["Say hello.", "Say hello", "Say hi.", "Say hello!"], "Hello!"),
    (["Are you there?", "Is this working?", "Test", "test", "Ping", "ping"], "Yes, I am here."),
]


@dataclass
class Recall:
    """One recall case: what comes before the questions, the questions with their answers, and where the first key is."""

    context: str
    turns: list  # of (question, answer)
    tokens_before_key: int


def statement(owner, key):
    return f"The pass key of {owner} is {key}." if owner else f"The pass key is {key}."


def question(rng, owner):
    subject = f"the pass key of {owner}" if owner else "the pass key"
    return rng.choice([f"What is {subject}?", f"What is {subject}?", f"Tell me {subject}.", f"What was {subject}?"])


def new_key(rng, few=False):
    """Five digits; with `few`, of only two or three kinds, so that what follows a digit does not tell where in the key it is."""
    digits = rng.sample(string.digits, rng.randint(2, 3)) if few else string.digits
    return "".join(rng.choice(digits) for _ in range(5))


def random_sentence(rng):
    return " ".join(rng.choices(FILLER_WORDS, k=rng.randint(4, 8))) + "."


def letters(rng, least, most):
    return "".join(rng.choices(string.ascii_lowercase, k=rng.randint(least, most)))


def odd_sentence(rng):
    """Filler that is none of the usual words: made-up words and short numbers."""
    words = [str(rng.randint(0, 99)) if rng.random() < 0.15 else letters(rng, 2, 7) for _ in range(rng.randint(3, 6))]
    return " ".join(words) + "."


def sentences(rng, kind, index):
    if kind == "fixed":
        return FILLER_SENTENCES[index % len(FILLER_SENTENCES)]
    if kind == "odd":
        return odd_sentence(rng)
    return random_sentence(rng)


class TokenCount:
    """Counts tokens of sentences, remembering words: sentences are joined by spaces, and no token spans two words."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.known = {}

    def __call__(self, sentence):
        total = 0
        for word in sentence.split(" "):
            if word not in self.known:
                self.known[word] = len(self.tokenizer.encode(" " + word, add_special_tokens=False).ids)
            total += self.known[word]
        return total


def recall(rng, count, tokens, keys=1, kind="random", depth=None, named=None, few=0.0, distinct=False):
    """
    Builds filler of about `tokens` tokens that holds `keys` pass keys, and one question for each key.

    :param count: a TokenCount
    :param kind: random, fixed or odd: the kind of filler
    :param depth: 0 to 1, where the first key stands; None for anywhere
    :param named: whether a single key has an owner; None for sometimes. Of several keys all but one have
    :param few: share of keys with two or three different digits
    :param distinct: whether no digit comes twice in a key
    """
    named = keys > 1 or (rng.random() < 0.3 if named is None else named)
    owners = rng.sample(KEY_OWNERS, keys) if named else [None]
    if keys > 1 and rng.random() < 0.5:
        owners[rng.randrange(keys)] = None
    facts = [(owner, "".join(rng.sample(string.digits, 5)) if distinct else new_key(rng, few > 0 and rng.random() < few))
             for owner in owners]
    stated = [statement(owner, key) for owner, key in facts]
    budget = tokens - sum(count(text) for text in stated)
    filler, used, index = [], 0, rng.randrange(len(FILLER_SENTENCES))
    while True:
        sentence = sentences(rng, kind, index)
        used += count(sentence)
        if used > budget:
            break
        filler.append(sentence)
        index += 1
    places = [rng.randint(0, len(filler)) for _ in stated]
    if depth is not None:
        places[0] = round(depth * len(filler))
    lines = []
    before_first = 0
    for place in range(len(filler) + 1):
        for number, text in enumerate(stated):
            if places[number] == place:
                if number == 0:
                    before_first = sum(count(line) for line in lines)
                lines.append(text)
        if place < len(filler):
            lines.append(filler[place])
    order = list(range(keys))
    rng.shuffle(order)
    turns = [(question(rng, facts[i][0]), statement(*facts[i])) for i in order]
    return Recall(" ".join(lines), turns, before_first)


def copy(rng, early=False):
    """Words, letters or digits to repeat. Early training has them without quotes, and longer."""
    roll = rng.random()
    if roll < 0.6:
        text = " ".join(rng.sample(FILLER_WORDS, rng.randint(2, 10 if early else 8)))
    elif roll < 0.8:
        text = " ".join(letters(rng, 3, 6) for _ in range(rng.randint(1, 3 if early else 2)))
    else:
        text = "".join(rng.choices(string.digits, k=rng.randint(3, 8 if early else 6)))
    # In quotes, the first word has the same tokens in the question and in the answer.
    form = rng.choice(["Repeat: {}", "Repeat: {}", "Copy: {}", "Say: {}"] if early else
                      ['Repeat "{}".', 'Repeat "{}".', 'Copy "{}".', 'Say "{}".'])
    return form.format(text), text


def arithmetic(rng, early=False):
    """Sums and differences of numbers up to 20 (99 in early training), products of digits."""
    most = 99 if early else 20
    roll = rng.random()
    if roll < 0.45:
        a, b = rng.randint(0, most), rng.randint(0, most)
        sum_ = f"{a} + {b}", a + b
    elif roll < 0.8:
        a, b = sorted((rng.randint(0, most), rng.randint(0, most)), reverse=True)
        sum_ = f"{a} - {b}", a - b
    else:
        a, b = rng.randint(0, 9), rng.randint(0, 9)
        sum_ = f"{a} * {b}", a * b
    asked = rng.choice(["What is {}?", "What is {}?", "Compute {}.", "{} = ?"]).format(sum_[0])
    return asked, f"{sum_[0]} = {sum_[1]}"


def json_record(rng):
    asked = rng.choice(["Write as JSON: ", "Write as JSON: ", "As JSON: "])
    if rng.random() < 0.6:
        name, age, city = rng.choice(NAMES), rng.randint(1, 99), rng.choice(CITIES)
        told = rng.choice(["{} is {} years old and lives in {}.", "{}, {} years old, lives in {}."])
        return asked + told.format(name, age, city), f'{{"name": "{name}", "age": {age}, "city": "{city}"}}'
    color, item, price = rng.choice(COLORS), rng.choice(ITEMS), rng.randint(1, 99)
    told = rng.choice(["The {} {} costs {} euros.", "A {} {} costs {} euros."])
    return asked + told.format(color, item, price), f'{{"item": "{item}", "color": "{color}", "price": {price}}}'


def chat(rng):
    questions, answer = rng.choice(CHAT)
    return rng.choice(questions), answer


def puzzle(rng):
    """Words without a question: the model says that it does not know, rather than anything at all."""
    text = random_sentence(rng) if rng.random() < 0.5 else odd_sentence(rng)
    return rng.choice(["", "What is ", "Why ", "Who is ", "Can you "]) + text.rstrip(".") + rng.choice([".", "?", ""]), PUZZLED


SHORT_TASKS = {"copy": copy, "arithmetic": arithmetic, "json": json_record, "chat": chat}


def short_recall(rng, count):
    case = recall(rng, count, rng.randint(14, 90), kind=rng.choice(["random", "random", "fixed", "odd"]))
    asked, answer = case.turns[0]
    return f"{case.context} {asked}", answer


def encode_chat(tokenizer, turns, system=None):
    """Token ids of a conversation as the chat template renders it, and a mask that is 1 on what the model produces."""
    text, pieces = BOS, []
    if system is not None:
        text += SYSTEM + system + END
    for asked, answer in turns:
        pieces.append((text + USER + asked + END + ASSISTANT, 0))
        pieces.append((answer + END, 1))
        text = ""
    return encode_pieces(tokenizer, pieces)


def encode_text(tokenizer, context, answers):
    """A plain completion: the context, then each statement again up to "is", which the model completes."""
    pieces, text = [], BOS + context
    for answer in answers:
        asked, told = answer.split(" is ")
        pieces.append((text + " " + asked + " is", 0))
        pieces.append((" " + told, 1))
        text = ""
    pieces.append((END, 1))
    return encode_pieces(tokenizer, pieces)


def encode_pieces(tokenizer, pieces):
    ids, mask = [], []
    for text, wanted in pieces:
        new = tokenizer.encode(text, add_special_tokens=False).ids
        ids += new
        mask += [wanted] * len(new)
    return ids, mask


def corpus(rng, lines):
    """Text on which the tokenizer is trained: the tasks, so that their words become single tokens."""
    class Rough:
        def __call__(self, sentence):
            return len(sentence.split(" "))

    for _ in range(lines):
        case = recall(rng, Rough(), 60, keys=2)
        yield case.context
        yield " ".join(case.turns[0])
        for turn in (copy(rng, True), arithmetic(rng, True), json_record(rng), chat(rng)):
            yield " ".join(turn)
