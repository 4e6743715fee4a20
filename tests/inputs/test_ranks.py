"""Recorder in a real distributed evaluation loop: two processes, joined by gloo."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sensitivity

# One rank of a real evaluation loop, as a user writes it. Arguments: rank, folder.
LOOP = """
import sys
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch.utils.data import DataLoader, Dataset, DistributedSampler

from sensitivity import Recorder

rank, folder = int(sys.argv[1]), Path(sys.argv[2])
torch.set_num_threads(1)


class Images(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, i):
        image = torch.Generator().manual_seed(i)
        return torch.randn(4, generator=image), i % 3, f"class{i % 3}/{i}.jpg"


def record(n, distributed, **options):
    dataset = Images(n)
    keys = {key: options.pop(key) for key in ("shuffle", "drop_last") if key in options}
    sampler = DistributedSampler(dataset, **{"shuffle": False, **keys}) if distributed else None
    model = torch.nn.Linear(4, 3).eval()
    torch.nn.init.constant_(model.bias, 0.1)
    torch.nn.init.eye_(model.weight)
    recorder = Recorder(**options)
    # one sample at a time: a matrix product may round differently by the size of the batch
    for images, labels, names in DataLoader(dataset, batch_size=1 if n < 9 else 3, sampler=sampler):
        recorder.update(torch.cat([model(image[None]) for image in images]), labels, names)
    scores, labels, names = recorder.lists()
    return {"scores": scores, "labels": labels, "names": np.array(names)}


single = {n: record(n, distributed=False) for n in (1, 7, 41)}
dist.init_process_group(
    "gloo", init_method=f"file://{folder / 'meet'}", rank=rank, world_size=2
)
results = {
    "single_1": single[1], "single_7": single[7], "single_41": single[41],
    "plain_1": record(1, distributed=True),
    "plain_7": record(7, distributed=True),
    "plain_41": record(41, distributed=True),
    "sized_41": record(41, distributed=True, dataset_size=41),
    "kept_7": record(7, distributed=True, drop_padding=False),
    "shuffled_41": record(41, distributed=True, shuffle=True),
    "short_7": record(7, distributed=True, drop_last=True),
}
dist.barrier()
dist.destroy_process_group()
flat = {f"{run}/{key}": array for run, arrays in results.items() for key, array in arrays.items()}
np.savez(folder / f"{rank}.npz", **flat)
"""


@pytest.fixture(scope="module")
def two_ranks(tmp_path_factory):
    """Return what two real processes, joined by gloo, have recorded: {run: {key: array}} each."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "loop.py").write_text(LOOP)
    root = Path(sensitivity.__file__).parents[1]
    command = [sys.executable, str(folder / "loop.py")]
    environment = {
        "PYTHONPATH": str(root),
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
        "PATH": "",
    }
    ranks = [
        subprocess.Popen(
            [*command, str(rank), str(folder)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        outputs = [rank.communicate(timeout=120)[0] for rank in ranks]
    finally:
        for rank in ranks:
            rank.kill()
            rank.wait()
    assert [rank.returncode for rank in ranks] == [0, 0], outputs
    results = []
    for rank in range(2):
        result: dict[str, dict[str, np.ndarray]] = {}
        with np.load(folder / f"{rank}.npz") as file:
            for name in file.files:
                run, key = name.split("/")
                result.setdefault(run, {})[key] = file[name]
        results.append(result)
    return results


@pytest.mark.parametrize("rank", [0, 1])
class TestTwoRanks:
    @pytest.mark.parametrize("run", ["plain_1", "plain_7", "plain_41", "sized_41"])
    def test_equal_the_single_process_exactly(self, two_ranks, rank, run):
        result = two_ranks[rank]
        expected = result[f"single_{run.split('_')[1]}"]
        for key in ("scores", "labels", "names"):
            np.testing.assert_array_equal(result[run][key], expected[key])
            assert result[run][key].dtype == expected[key].dtype

    def test_padding_is_kept_on_demand(self, two_ranks, rank):
        names = two_ranks[rank]["kept_7"]["names"].tolist()
        assert len(names) == 8
        assert names[7] == names[0]

    def test_a_shuffled_sampler_keeps_each_sample_once(self, two_ranks, rank):
        result, expected = two_ranks[rank]["shuffled_41"], two_ranks[rank]["single_41"]
        index = {name: i for i, name in enumerate(expected["names"].tolist())}
        order = [index[name] for name in result["names"].tolist()]
        assert sorted(order) == list(range(41))
        assert order != sorted(order)
        np.testing.assert_array_equal(result["scores"], expected["scores"][order])
        np.testing.assert_array_equal(result["labels"], expected["labels"][order])

    def test_a_dropped_rest_is_dropped(self, two_ranks, rank):
        result, expected = two_ranks[rank]["short_7"], two_ranks[rank]["single_7"]
        assert result["names"].tolist() == expected["names"].tolist()[:6]
