"""OpenCV for applications that only look at photographs: the parts they use, from the sources of the same version.

The wheel brings video, neural networks and two linear algebras along: 40 MB more in a package. Reading answer sheets
keeps the wheel, with which the reader was measured. Needs cmake, ninja and a compiler; built once, kept in the cache.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from pathlib import Path

NEEDED_MODULES = "core,imgproc,imgcodecs,objdetect,python3"
_OFF = (
    "BUILD_SHARED_LIBS", "BUILD_TESTS", "BUILD_PERF_TESTS", "BUILD_EXAMPLES", "BUILD_DOCS", "BUILD_opencv_apps",
    "BUILD_JAVA", "BUILD_opencv_python2", "OPENCV_GENERATE_PKGCONFIG", "WITH_FFMPEG", "WITH_GSTREAMER", "WITH_V4L",
    "WITH_GTK", "WITH_QT", "WITH_IPP", "WITH_ITT", "WITH_OPENCL", "WITH_LAPACK", "WITH_EIGEN", "WITH_PROTOBUF",
    "WITH_QUIRC", "WITH_ADE", "WITH_FLATBUFFERS", "WITH_VA", "WITH_VTK", "WITH_TIFF", "WITH_WEBP", "WITH_OPENEXR",
    "WITH_OPENJPEG", "WITH_JASPER", "WITH_AVIF", "WITH_SPNG", "WITH_IMGCODEC_HDR", "WITH_IMGCODEC_PFM",
    "WITH_IMGCODEC_SUNRASTER", "WITH_IMGCODEC_GIF",
)  # fmt: skip
_ON = (
    "OPENCV_FORCE_3RDPARTY_BUILD", "PYTHON3_LIMITED_API", "OPENCV_SKIP_PYTHON_LOADER", "BUILD_ZLIB", "BUILD_PNG",
    "BUILD_JPEG",
)  # fmt: skip
_STAMP = "1700000000"  # the date that OpenCV writes into itself: always the same
_QUICKER_ON = "AVX2"  # besides the plainest code one for PCs of the last ten years; the wheel brings five more
_OF_THIS_MACHINE = re.compile(
    r'^"\s+(?:Host|Interpreter|Libraries|numpy|install path|Install to|Configuration|CMake[^:]*|C(?:\+\+)? flags[^:]*|'
    r"Python \(for build\)):.*\n", re.MULTILINE,
)  # fmt: skip


def slim(cache: Path, lock: Path) -> bytes:
    """The library `cv2.abi3.so` with the needed modules only."""
    source = _source(cache, lock)
    recipe = hashlib.sha256(Path(__file__).read_bytes() + source.name.encode()).hexdigest()[:12]
    made = cache / "opencv" / f"cv2-{recipe}.abi3.so"
    if not made.exists():
        shutil.copyfile(_built(source, cache / "opencv" / "work"), made)
        shutil.rmtree(cache / "opencv" / "work")
    return made.read_bytes()


def _source(cache: Path, lock: Path) -> Path:
    """The source package that the lock file's hashes name too."""
    folder = cache / "opencv"
    folder.mkdir(parents=True, exist_ok=True)
    lines = lock.read_text("utf-8").split("\n")
    start = next(number for number, line in enumerate(lines) if line.startswith("opencv-python-headless=="))
    end = next(number for number in range(start, len(lines)) if not lines[number].endswith("\\"))
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(lines[start : end + 1]) + "\n", encoding="utf-8")
    version = lines[start].split("==")[1].split(" ")[0]
    source = folder / f"opencv_python_headless-{version}.tar.gz"
    if not source.exists():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", "--no-deps"]
        # The source of OpenCV alone: pip asks it for its facts, and what these need (numpy) must not be built too.
        alone = ["--only-binary", ":all:", "--no-binary", "opencv-python-headless"]
        checked = [*alone, "--require-hashes", "-d", str(folder), "-r", str(wanted)]
        subprocess.run([*pip, *checked], check=True)
    if hashlib.sha256(source.read_bytes()).hexdigest() not in wanted.read_text("utf-8"):
        raise SystemExit(f"{source} is not what the lock file names.")
    return source


def _built(source: Path, work: Path) -> Path:
    import numpy

    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with tarfile.open(source) as packed:
        packed.extractall(work, filter="data")
    (top,) = work.iterdir()
    library = Path(str(sysconfig.get_config_var("LIBDIR")), str(sysconfig.get_config_var("LDLIBRARY")))
    facts = {
        **dict.fromkeys(("CMAKE_C_FLAGS", "CMAKE_CXX_FLAGS"), f"-ffile-prefix-map={work}=."),
        "CPU_DISPATCH": _QUICKER_ON, "CMAKE_BUILD_TYPE": "Release", "BUILD_LIST": NEEDED_MODULES,
        "OPENCV_PYTHON3_INSTALL_PATH": "python",
        "PYTHON3_EXECUTABLE": sys.executable, "PYTHON3_INCLUDE_DIR": sysconfig.get_paths()["include"],
        "PYTHON3_LIBRARY": str(library), "PYTHON3_NUMPY_INCLUDE_DIRS": numpy.get_include(),
        **dict.fromkeys(_OFF, "OFF"), **dict.fromkeys(_ON, "ON"),
    }  # fmt: skip
    env = {**os.environ, "SOURCE_DATE_EPOCH": _STAMP}
    ninja = ["cmake", "-G", "Ninja", "-S", str(top / "opencv"), "-B", str(work / "build")]
    subprocess.run([*ninja, *(f"-D{name}={value}" for name, value in facts.items())], check=True, env=env)
    _forget_this_machine(work)
    subprocess.run(["ninja", "-C", str(work / "build"), "opencv_python3"], check=True, env=env)
    (library,) = (work / "build" / "lib" / "python3").glob("*.so")
    subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
    return library


def _forget_this_machine(work: Path) -> None:
    """What OpenCV tells of how and where it was built names folders and the kernel: another machine tells the same."""
    told, places = (work / "build" / name for name in ("modules/core/version_string.inc", "opencv_data_config.hpp"))
    told.write_text(_OF_THIS_MACHINE.sub("", told.read_text("utf-8")), encoding="utf-8")
    places.write_text(places.read_text("utf-8").replace(str(work), "."), encoding="utf-8")
