"""The second factor: codes of an authenticator app (RFC 6238), passkeys (WebAuthn), and recovery codes."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno
import webauthn
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import door
from accounts.access import Actor
from accounts.attribution import action, attributed
from accounts.models import RecoveryCode, SecondFactor, User

ISSUER = "HCC-Y90/HAIC"
STEP_SECONDS = 30
RECOVERY_CODES = 10
# No letter or digit that is taken for another.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
Kind = SecondFactor.Kind


class NotAdded(Exception):
    """An authenticator app or passkey could not be added; says why."""


def factors_of(person: User) -> list[SecondFactor]:
    return list(SecondFactor.objects.filter(person=person, ended_at=None))


def codes_left(person: User) -> int:
    return RecoveryCode.objects.filter(person=person, spent_at=None).count()


# -- the authenticator app -----------------------------------------------------------------------------


def _cipher() -> MultiFernet:
    """Secrets are stored encrypted: a copy of the database alone makes no codes."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(f"second factor {key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])


def new_secret() -> str:
    return pyotp.random_base32()


def qr_code(secret: str, person: User) -> str:
    """The secret as an image for the app's camera: the address of a picture in itself."""
    words = pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=ISSUER)
    return str(segno.make(words, error="m").svg_data_uri(scale=5, border=2))


def _step_of(secret: str, code: str, moment: datetime) -> int | None:
    """The time step a code is of: the present one, or one before or after, for clocks that differ a little."""
    now = int(moment.timestamp()) // STEP_SECONDS
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(pyotp.TOTP(secret).at(step * STEP_SECONDS).encode(), code.encode()):
            return step
    return None


@action
def add_app(
    *, person: User, name: str, secret: str, code: str, moment: datetime, by: Actor, now: datetime
) -> SecondFactor:
    """Add an authenticator app that has shown a right code; `moment` is the machine's time, `now` the trial's."""
    step = _step_of(secret, _plain(code), moment)
    if step is None:
        raise NotAdded(
            _(
                "The code is not right. Type the one the app shows now, and see that the phone's time is right."
            )
        )
    added = SecondFactor.objects.create(
        person=person,
        kind=Kind.TOTP,
        name=name,
        secret=_cipher().encrypt(secret.encode()).decode(),
        last_step=step,
        added_at=now,
        added_by=by.author,
    )
    door.note(door.Kind.FACTOR_ADDED, now=now, person=person, done_by=by, words=name)
    return added


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()


# -- passkeys ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """The web site as a passkey knows it; ALLOWED_HOSTS says which there can be."""

    name: str
    origin: str

    @classmethod
    def of(cls, request: HttpRequest) -> Place:
        host = request.get_host()
        return cls(host.rpartition(":")[0] or host, f"{request.scheme}://{host}")


def registration_options(person: User, place: Place) -> tuple[str, str]:
    """What the browser is asked for a new passkey, and the challenge to keep for `add_passkey`."""
    options = webauthn.generate_registration_options(
        rp_id=place.name,
        rp_name=ISSUER,
        user_id=salted_hmac("accounts.passkey", str(person.pk), algorithm="sha256").digest(),
        user_name=person.username,
        user_display_name=person.full_name,
        exclude_credentials=_descriptors(person),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


def _descriptors(person: User) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(id=bytes(factor.credential_id))
        for factor in factors_of(person)
        if factor.credential_id is not None
    ]


@action
def add_passkey(
    *, person: User, name: str, answer: str, challenge: str, place: Place, by: Actor, now: datetime
) -> SecondFactor:
    """Add the passkey a browser answered `registration_options` with; NotAdded where it did not."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
        )
    except (WebAuthnException, ValueError) as wrong:
        raise NotAdded(_("The passkey was not added. Try again, or use an authenticator app.")) from wrong
    if SecondFactor.objects.filter(credential_id=made.credential_id).exists():
        raise NotAdded(_("This passkey was added before and removed. Use another one."))
    added = SecondFactor.objects.create(
        person=person,
        kind=Kind.PASSKEY,
        name=name,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        uses=made.sign_count,
        added_at=now,
        added_by=by.author,
    )
    door.note(door.Kind.FACTOR_ADDED, now=now, person=person, done_by=by, words=name)
    return added


def sign_in_options(person: User, place: Place) -> tuple[str, str]:
    """What the browser is asked of the person's passkeys, and the challenge; "" where there is none."""
    known = _descriptors(person)
    if not known:
        return "", ""
    options = webauthn.generate_authentication_options(
        rp_id=place.name,
        allow_credentials=known,
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    return webauthn.options_to_json(options), bytes_to_base64url(options.challenge)


# -- at the door ---------------------------------------------------------------------------------------


def proves(
    person: User,
    *,
    code: str = "",
    passkey: str = "",
    challenge: str = "",
    place: Place,
    moment: datetime,
    now: datetime,
) -> bool:
    """Whether a code or a passkey's answer is this person's; a code is good once. Called by `door.attempt` alone."""
    with attributed(Actor(person, "", None), "second factor shown"):
        if passkey:
            return _passkey_proves(person, passkey, challenge, place)
        return _code_proves(person, _plain(code), moment, now)


def _code_proves(person: User, plain: str, moment: datetime, now: datetime) -> bool:
    for factor in SecondFactor.objects.select_for_update().filter(
        person=person, kind=Kind.TOTP, ended_at=None
    ):
        step = _step_of(_cipher().decrypt(factor.secret.encode()).decode(), plain, moment)
        if step is not None and step > factor.last_step:
            factor.last_step = step
            factor.save(update_fields=["last_step"])
            return True
    spare = (
        RecoveryCode.objects.select_for_update()
        .filter(person=person, spent_at=None, code=_hashed(plain))
        .first()
    )
    if spare is None:
        return False
    spare.spent_at, spare.spent_by = now, person
    spare.save(update_fields=["spent_at", "spent_by"])
    door.note(door.Kind.CODE_USED, now=now, person=person)
    return True


def _passkey_proves(person: User, answer: str, challenge: str, place: Place) -> bool:
    try:
        named = base64url_to_bytes(str(json.loads(answer)["rawId"]))
    except (ValueError, KeyError, TypeError):
        return False
    factor = (
        SecondFactor.objects.select_for_update()
        .filter(person=person, kind=Kind.PASSKEY, ended_at=None, credential_id=named)
        .first()
    )
    if factor is None or not challenge:
        return False
    try:
        shown = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=bytes(factor.public_key or b""),
            credential_current_sign_count=factor.uses,
        )
    except (WebAuthnException, ValueError):
        return False
    factor.uses = shown.new_sign_count
    factor.save(update_fields=["uses"])
    return True


# -- recovery codes, removal ---------------------------------------------------------------------------


def _hashed(code: str) -> str:
    return salted_hmac("accounts.recovery", code, algorithm="sha256").hexdigest()


@action
def make_codes(*, person: User, by: Actor, now: datetime) -> list[str]:
    """New recovery codes, told once; the ones before are out of force."""
    RecoveryCode.objects.filter(person=person, spent_at=None).update(spent_at=now, spent_by=by.author)
    codes = ["".join(secrets.choice(ALPHABET) for _place in range(16)) for _number in range(RECOVERY_CODES)]
    for code in codes:
        RecoveryCode.objects.create(person=person, code=_hashed(code), made_at=now, made_by=by.author)
    door.note(door.Kind.CODES_MADE, now=now, person=person, done_by=by)
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


@action
def remove_factor(*, factor: SecondFactor, by: Actor, now: datetime) -> None:
    """End one authenticator app or passkey; the row stays. With the last one the recovery codes end too."""
    factor.ended_at, factor.ended_by = now, by.author
    factor.save(update_fields=["ended_at", "ended_by"])
    door.note(door.Kind.FACTOR_REMOVED, now=now, person=factor.person, done_by=by, words=factor.name)
    if not factors_of(factor.person):
        RecoveryCode.objects.filter(person=factor.person, spent_at=None).update(
            spent_at=now, spent_by=by.author
        )


@action
def remove_all_factors(*, person: User, by: Actor, now: datetime) -> None:
    """What a system administrator does for a person who lost the phone and the codes."""
    for factor in factors_of(person):
        remove_factor(factor=factor, by=by, now=now)
