"""What is wrong with the arguments of a host is told before anything heavy is loaded or compiled."""

import argparse
import socket
from pathlib import Path

from rtengine.cli.folders import folder

RECORDED = (".wav", ".flac")  # as rtengine.live.recorder writes, which is too heavy to import before all is checked


def check(options: argparse.Namespace) -> None:
    """Refuse what can be refused before anything heavy is loaded."""
    check_files(options)
    check_names(options)
    if options.xair_port:
        check_port(options.osc_host, options.xair_port, socket.SOCK_DGRAM, "X Air", "--xair-port")
    if options.osc_port:
        check_port(options.osc_host, options.osc_port, socket.SOCK_DGRAM, "OSC", "--osc-port")
        if options.oscquery_port:
            check_port(options.osc_host, options.oscquery_port, socket.SOCK_STREAM, "OSCQuery", "--oscquery-port")


def check_files(options: argparse.Namespace) -> None:
    """ValueError or OSError if what is to be written cannot be."""
    dry = options.record and options.record.with_stem(f"{options.record.stem}-dry")  # as the recorder names it
    files = [file for file in (options.record, dry, options.log) if file]
    for file in files:
        if file.exists() and not options.force:
            raise ValueError(f"{file} exists; --force overwrites it")
        if not file.absolute().parent.is_dir():
            raise ValueError(f"{file.absolute().parent} is no folder")
    if options.record and options.record.suffix.lower() not in RECORDED:
        raise ValueError(f"{options.record} does not end in {' or '.join(RECORDED)}")
    for file in files:
        check_file(file)


def check_names(options: argparse.Namespace) -> None:
    """ValueError, KeyError or OSError if a scene, a MIDI port or a film is not there."""
    if options.preset:
        from rtengine.take import scenes

        scenes.recall(folder(options, "presets"), options.preset)
    if options.midi:
        from rtengine.midi import port

        port.find(options.midi)
    check_score(options)


def check_score(options: argparse.Namespace) -> None:
    """The same of what a score is written for, and played with and on."""
    if options.film:
        from rtengine.film.camera import is_camera
        from rtengine.film.reader import open_film

        if not is_camera(options.film):
            open_film(options.film)
    if options.soundfont:
        from rtengine.files.soundfont import Font

        Font(options.soundfont)
    if options.midi_out:
        from rtengine.midi.out import find

        find(options.midi_out)


def check_file(file: Path) -> None:
    """OSError if it cannot be written; what it holds stays."""
    new = not file.exists()
    if not (new or file.is_file()):
        return  # a pipe, which would wait for its reader
    try:
        with file.open("ab"):
            pass
    except OSError as error:
        raise OSError(f"{file} cannot be written: {error.strerror}") from None
    if new:
        file.unlink()


def check_port(host: str, port: int, kind: socket.SocketKind, what: str, option: str) -> None:
    """ValueError if somebody listens there already, such as another host of ours."""
    try:
        family, _, protocol, _, address = socket.getaddrinfo(host, port, type=kind)[0]
        with socket.socket(family, kind, protocol) as trial:
            if kind == socket.SOCK_STREAM:
                trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do
            trial.bind(address)
    except OSError as error:
        why = error.strerror or str(error)
        raise ValueError(f"{what} cannot listen at {host}:{port}: {why}; {option} 0 plays without it") from None
