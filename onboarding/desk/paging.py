"""Paging through lists that may be very long."""

from functools import cached_property

from django.core.paginator import Paginator


class BoundedPaginator(Paginator):
    """Counts no further than anybody pages: to count all would cost more than the page itself.

    Beyond `most` rows `count` is `most`, and `is_cut` says that there are more.
    """

    most = 10_000

    @cached_property
    def _counted(self) -> int:
        return self.object_list.order_by()[: self.most + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.most)

    @property
    def is_cut(self) -> bool:
        return self._counted > self.most
