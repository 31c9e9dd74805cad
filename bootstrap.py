"""Set up the study's environment in .venv, then run Python in it. Needs Python 3.11 to 3.13, nothing else.

    python3 bootstrap.py                    set up (the second time: nothing to do)
    python3 bootstrap.py -m helpers run     set up if needed, then run this with the environment's Python
    python3 bootstrap.py jupyter lab        the same with a tool of the environment

Everything comes from requirements.lock, hashes checked: by uv, which pip installs, or by pip alone where uv
cannot be had. COMPENDIUM_VENV names another folder than .venv.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 13)
INPUTS = ("requirements.lock", "requirements-uv.lock", "pyproject.toml")
MARKER, LOCK = "compendium-stamp.txt", "compendium.lock"
PROBLEM = 2


def main(arguments):
    """Set up and run what the arguments say; return the exit code."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        return use_another_python(arguments)
    folder = PROJECT / os.environ.get("COMPENDIUM_VENV", ".venv")
    try:
        python = set_up(folder)
    except KeyboardInterrupt:
        say("stopped; run the same command again to go on")
        return 130
    except (SetupError, OSError) as problem:
        say(str(problem))
        return PROBLEM
    return run_in_environment(python, arguments) if arguments else 0


class SetupError(Exception):
    """What went wrong, and what to do about it."""


def say(text):
    """Tell what is going on."""
    print("setup: " + text, file=sys.stderr, flush=True)


def use_another_python(arguments):
    """Start again with a Python of a fitting version, where this machine has one."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which("python3." + str(minor))
        if found:
            return subprocess.call([found, str(PROJECT / "bootstrap.py"), *arguments])
    this, oldest, newest = (".".join(map(str, version)) for version in (sys.version_info[:2], OLDEST, NEWEST))
    say(f"this is Python {this}, and the study needs Python {oldest} to {newest}. Install one of these and name it, "
        f"for example: make report PYTHON=python{newest}")
    return PROBLEM


def run_in_environment(python, arguments):
    """Run Python with the arguments, or the tool of the environment that the first of them names."""
    command = [str(python), *arguments]
    if not arguments[0].startswith("-"):
        command = [str(python.with_name(arguments[0] + python.suffix)), *arguments[1:]]
    if not Path(command[0]).exists():
        say(f"the environment has no {arguments[0]}")
        return PROBLEM
    surroundings = quick_environment(python)
    if os.name == "nt":  # exec would return to the prompt at once there
        return subprocess.call(command, env=surroundings)
    return os.execve(command[0], command, surroundings)


def quick_environment(python):
    """The surroundings; where Python was told to keep no compiled files, it keeps them inside the environment.

    Otherwise each of a run's many processes would compile pandas and the rest anew.
    """
    kept = dict(os.environ)
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        kept.setdefault("PYTHONPYCACHEPREFIX", str(python.parents[1] / "compiled"))
    return kept


def set_up(folder):
    """The environment's Python, installed first where it is missing or out of date."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = make_stamp()
    if is_current(folder, python, stamp):
        return python
    if folder.is_dir() and any(folder.iterdir()) and not (folder / LOCK).exists():
        raise SetupError(f"{folder} is there and was not made by this script, so it is left alone. Move it away, or "
                         "choose another folder: COMPENDIUM_VENV=.venv-study")
    folder.mkdir(exist_ok=True)
    with only_one(folder):
        if not is_current(folder, python, stamp):  # another process may have been quicker
            fits = marker_text(folder).split("\n")[0] == stamp.split("\n")[0]
            (folder / MARKER).write_text("", encoding="utf-8")
            install(folder, python, rebuild=not fits)
            (folder / MARKER).write_text(stamp, encoding="utf-8")
    return python


def make_stamp():
    """First line: what needs a new environment when it changes; second line: what needs a new installation."""
    base = f"{sys.version} {sys.platform} {PROJECT}"
    inputs = b"".join((PROJECT / name).read_bytes() for name in INPUTS)
    return hashlib.sha256(base.encode()).hexdigest() + "\n" + hashlib.sha256(inputs).hexdigest() + "\n"


def marker_text(folder):
    """The stamp of the last whole installation, empty where there is none."""
    try:
        return (folder / MARKER).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def is_current(folder, python, stamp):
    """Whether there is nothing to do."""
    return marker_text(folder) == stamp and python.exists()


@contextlib.contextmanager
def only_one(folder):
    """Hold the environment; another process that sets it up waits here. Let go of when this process ends."""
    with (folder / LOCK).open("a", encoding="utf-8") as handle:
        if not try_lock(handle):
            say("waiting for another process that sets up the same environment")
            while not try_lock(handle):
                time.sleep(0.5)
        yield


def try_lock(handle):
    """Whether the lock is ours now."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def install(folder, python, rebuild):
    """Make the environment where that is needed, and install into it what the lock names."""
    started = time.monotonic()
    if rebuild or not python.exists():
        say(f"making the environment in {folder.name} (first time only)")
        empty(folder)
        run([sys.executable, "-m", "venv", str(folder)],
            "Python cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)")
    install_packages(python)
    say(f"ready after {time.monotonic() - started:.0f} s")


def empty(folder):
    """Remove an earlier environment, but for our own two files."""
    for path in folder.iterdir():
        if path.name not in (MARKER, LOCK):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def install_packages(python):
    """By uv in seconds; where that fails, by pip in minutes. Hashes are checked by both."""
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    uv = str(python.with_name("uv.exe" if os.name == "nt" else "uv"))
    itself = ["install", "--no-deps", "--no-build-isolation", "--editable", str(PROJECT)]
    lock = str(PROJECT / "requirements.lock")
    say("installing the locked packages")
    if (succeeds([*pip, "install", "--no-deps", "--require-hashes", "-r", str(PROJECT / "requirements-uv.lock")])
            and succeeds([uv, "pip", "sync", "--quiet", "--python", str(python), "--require-hashes", lock])):
        run([uv, "pip", *itself, "--quiet", "--python", str(python)], "the project itself does not install")
        return
    say("uv cannot be used here; pip installs the same packages, which takes some minutes")
    run([*pip, "install", "--no-deps", "--require-hashes", "-r", lock],
        "the packages do not install: is there a way to a package registry from here?")
    run([*pip, *itself], "the project itself does not install")


def succeeds(command):
    """Whether a command went well; what it has to say is dropped."""
    try:
        return subprocess.run(command, capture_output=True, env=calm_environment(), cwd=PROJECT).returncode == 0
    except OSError:
        return False


def run(command, problem):
    """Run a command, or raise SetupError with the problem and what the command had to say."""
    done = subprocess.run(command, capture_output=True, text=True, env=calm_environment(), cwd=PROJECT)
    if done.returncode:
        raise SetupError(problem + "\n" + (done.stderr or done.stdout).strip())


def calm_environment():
    """The surroundings, less what would make uv or pip look at another environment or another Python."""
    misleading = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in misleading}
    return {**kept, "UV_PYTHON_DOWNLOADS": "never"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
