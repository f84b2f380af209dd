"""What can be fetched: files, sizes, hashes, licenses and where each set may come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DataFile:
    """One IDX file of a data set.

    Attributes:
        key: what it holds: ``train-images``, ``train-labels``, ``test-images``, ``test-labels``.
        name: its name, uncompressed; ``name + ".gz"`` is what mirrors offer.
        size: bytes, uncompressed.
        sha256: of the uncompressed file; mirrors compress differently, so no other hash is kept.
    """

    key: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class DataSet:
    """A data set that ``aigc-edu data get`` fetches.

    Attributes:
        name: what the command calls it.
        title: its name in prose.
        files: its four files.
        mirrors: base addresses, tried in turn.
        folders: where a system package puts it, tried before the network.
        wheel: whether the wheel of ``aigc_edu.data.wheel`` holds it too.
        license: one line.
        source: who made it, and where that is written.
        megabytes: what a mirror sends, roughly.
    """

    name: str
    title: str
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    folders: tuple[str, ...]
    wheel: bool
    license: str
    source: str
    megabytes: int

    def file(self, key: str) -> DataFile:
        """Return the file that holds ``key``, e.g. ``test-labels``."""
        return next(file for file in self.files if file.key == key)


# Checked against the published MD5 of the same four files (train images, train labels, test
# images, test labels): 6bbc9ace898e44ae57da46a324031adb, a25bea736e30d166cdddb491f175f624,
# 2646ac647ad5339dbf082846283269ea, 27ae3e4e09519cfbb04c329615203637.
MNIST = DataSet(
    name="mnist",
    title="MNIST",
    files=(
        DataFile(
            "train-images",
            "train-images-idx3-ubyte",
            47_040_016,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        DataFile(
            "train-labels",
            "train-labels-idx1-ubyte",
            60_008,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        DataFile(
            "test-images",
            "t10k-images-idx3-ubyte",
            7_840_016,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        DataFile(
            "test-labels",
            "t10k-labels-idx1-ubyte",
            10_008,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ),
    folders=(),
    wheel=True,
    license="CC BY-SA 3.0 (as stated in the Keras documentation)",
    source="Y. LeCun, C. Cortes, C. Burges: the MNIST database of handwritten digits",
    megabytes=12,
)

# The contents of the very files whose MD5, compressed, the authors publish in their README:
# 8d4fb7e6c68d591d4c3dfef9ec88bf0d, 25c81989df183df01b3e8a0aad5dffbe,
# bef4ecab320f06d8554ea6380940ec79, bb300cfdad3c16e7a12a480ee83cd310. Debian packs the same
# contents again without file names and times.
FASHION_MNIST = DataSet(
    name="fashion-mnist",
    title="Fashion-MNIST",
    files=(
        DataFile(
            "train-images",
            "train-images-idx3-ubyte",
            47_040_016,
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        ),
        DataFile(
            "train-labels",
            "train-labels-idx1-ubyte",
            60_008,
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
        ),
        DataFile(
            "test-images",
            "t10k-images-idx3-ubyte",
            7_840_016,
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
        ),
        DataFile(
            "test-labels",
            "t10k-labels-idx1-ubyte",
            10_008,
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ),
    ),
    mirrors=("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    # Debian's package dataset-fashion-mnist.
    folders=("/usr/share/datasets/fashion-mnist",),
    wheel=False,
    license="MIT",
    source="H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, arXiv:1708.07747 (Zalando Research)",
    megabytes=31,
)

DATA_SETS = {data_set.name: data_set for data_set in (MNIST, FASHION_MNIST)}
