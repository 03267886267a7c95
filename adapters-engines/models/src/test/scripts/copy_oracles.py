#!/usr/bin/env python3
"""Copies the text side of oracle folders into src/test/resources/oracles: tokenizer, template, texts and conversations. Text files that
distribution's folder of the same name has are not copied: the tests of both read those.

    copy_oracles.py ORACLES NAME...        (pip install gguf, for GGUF files: their metadata without the tensors)
"""
import json, os, shutil, sys

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET = os.path.normpath(os.path.join(HERE, "..", "resources", "oracles"))
SHARED = os.path.normpath(os.path.join(HERE, *[".."] * 5, "distribution", "src", "test", "resources", "oracles"))
TEXT_FILES = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]


def without_tensors(source, target):
    import gguf
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, reader.fields["general.architecture"].contents())
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":
            continue
        kind = field.types[0]
        sub = field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=sub)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def main():
    source, names = sys.argv[1], sys.argv[2:]
    for name in names:
        folder, target = os.path.join(source, name), os.path.join(TARGET, name)
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target)
        for file in TEXT_FILES:
            shared = file != "config.json" and os.path.exists(os.path.join(SHARED, name, file))
            if not shared and os.path.exists(os.path.join(folder, file)):
                shutil.copyfile(os.path.join(folder, file), os.path.join(target, file))
        if os.path.exists(os.path.join(folder, "model.gguf")):
            without_tensors(os.path.join(folder, "model.gguf"), os.path.join(target, "model.gguf"))
        with open(os.path.join(folder, "oracle.json"), encoding="utf-8") as f:
            oracle = json.load(f)
        with open(os.path.join(target, "oracle.json"), "w", encoding="utf-8") as f:
            json.dump({k: oracle[k] for k in ("made_with", "text", "chat") if k in oracle}, f, ensure_ascii=False, separators=(",", ":"))
        print(name, sum(os.path.getsize(os.path.join(target, x)) for x in os.listdir(target)))


if __name__ == "__main__":
    main()
