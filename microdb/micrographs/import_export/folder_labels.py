"""Labels from folders: which folder of a path names the class, for an import and for a drop alike."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from microdb.labels import label_key


class FolderLabels:
    """The labels of files that lie together, by their paths.

    Folders that hold everything are wrappers, not classes: the outermost one, which was zipped or dropped, and those
    below it that hold no file themselves. A folder with the name of a class of the dataset is never a wrapper.
    """

    def __init__(self, paths: Iterable[str], classes: Iterable[str] = ()) -> None:
        self._classes = {label_key(name) for name in classes}
        self._folders = [PurePosixPath(path).parts[:-1] for path in paths]
        self.wrappers = self._count_wrappers()

    def label(self, path: str) -> str:
        """The first folder called like a class, else the first one below the wrappers; empty where there is none.

        So two folders dropped together, each with a folder per class, give the classes and not the outer names.
        """
        folders = PurePosixPath(path).parts[self.wrappers : -1]
        return next((folder for folder in folders if self._is_class(folder)), folders[0] if folders else "")

    def _is_class(self, folder: str) -> bool:
        return label_key(folder) in self._classes

    def _count_wrappers(self) -> int:
        for depth in range(max(map(len, self._folders), default=0)):
            names = {folders[depth] if len(folders) > depth else "" for folders in self._folders}
            holds_files = any(len(folders) == depth + 1 for folders in self._folders)
            if len(names) > 1 or "" in names or self._is_class(*names) or (depth and holds_files):
                return depth
        return max(map(len, self._folders), default=0)
