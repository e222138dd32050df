"""places.yaml of a city as records: how many institutions of each kind, how large, with which departments."""

import msgspec

from yibao.simulate.plan import Origin


class HospitalKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`count` hospitals of one kind; without `county` they are drawn into the counties by their people."""

    count: int
    hosp_lv: str
    level: int
    grade: str
    specialty: str
    beds: int
    name: str
    county: str = ""
    public: bool = True


class LocalKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one institution of every town or village: the ends of their names in the country and in town."""

    hosp_lv: str
    level: int
    grade: str
    beds: int
    rural: str
    urban: str


class PrivateKind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Clinics or pharmacies with the ends of their names."""

    hosp_lv: str
    level: int
    grade: str
    names: tuple[str, ...]


class DoctorPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Doctors of one institution by role."""

    per_hundred_beds: int
    town: int
    village: int
    clinic: int
    pharmacy: int


class PlacePlan(Origin, frozen=True, kw_only=True):
    """places.yaml."""

    hospitals: tuple[HospitalKind, ...]
    total: int
    pharmacies: int
    town: LocalKind
    village: LocalKind
    clinic: PrivateKind
    pharmacy: PrivateKind
    brands: tuple[str, ...]
    size_spread: int
    spread_degrees: int
    doctors: DoctorPlan
    departments: dict[str, dict[str, int]]
    department_names: dict[str, str]
