"""Ratings: one to five stars for a film or one of its cues."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from integrations.api.desk import At, Caller
from integrations.api.documented import answers
from integrations.experiments import rating

router = APIRouter(prefix="/v1/jobs", tags=["ratings"])


class Stars(BaseModel):
    """What somebody thinks of it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"stars": 4, "cue": "1m2"}]})

    stars: int = Field(ge=rating.FEWEST_STARS, le=rating.MOST_STARS, strict=True)
    cue: str = Field(default="", max_length=200, description='A cue of it; "" for the whole film.')
    comment: str = Field(default="", max_length=rating.LONGEST_COMMENT)


class RatingShown(BaseModel):
    """A rating. created_s: when it was last said, seconds since 1970."""

    job_id: str
    cue: str
    stars: int
    comment: str
    created_s: float


class RatingsShown(BaseModel):
    """The whole film's first."""

    ratings: list[RatingShown]


@router.post(
    "/{job_id}/ratings",
    status_code=201,
    response_model=RatingShown,
    responses=answers(400, 404, 409, 410),
    summary="Rate a film or a cue",
)
def rate(job_id: str, said: Stars, at: At, tenant: Caller) -> RatingShown:
    """Said again of the same, it takes the place of what was said before."""
    comment = "".join(c for c in said.comment if c >= " " or c in "\t\n")
    cue = said.cue.replace("\0", "")
    made = rating.rate(at.database, tenant.id, job_id, said.stars, cue=cue, comment=comment)
    return RatingShown(**asdict(made))


@router.get(
    "/{job_id}/ratings", response_model=RatingsShown, responses=answers(404, 410), summary="List a job's ratings"
)
def index(job_id: str, at: At, tenant: Caller) -> RatingsShown:
    """What was said of it."""
    with at.database.reading() as connection:
        found = rating.ratings_of(connection, tenant.id, job_id)
    return RatingsShown(ratings=[RatingShown(**asdict(each)) for each in found])
