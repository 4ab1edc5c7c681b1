"""Plans without a provider: an adapter whose calls become whatever plan a test hands over."""

import asyncio

from pixian_shim import AsyncShim, Shim
from pixian_shim.geometry import Length, Margin
from pixian_shim.pixian import Parameters, Upload
from pixian_shim.translation import Adapter, Call, Output, Plan, RuleTable


def planned(plan):
    """Make an adapter with one plan for every call."""
    return Adapter(
        name="planned",
        title="Planned",
        hosts=frozenset(),
        rules=RuleTable("Planned", ()),
        operation="cut",
        read=lambda _request: Call("planned", "cut"),
        plan=lambda _call: plan,
        answer=lambda _call, cutout: cutout,
        refuse=lambda _call, error: error,
    )


def plan_of(content, *steps, encoding="png", channels="rgba", dpi=None, **traits):
    """Make a plan whose steps are done here."""
    output = Output(encoding, channels, dpi=dpi)
    source = Upload(content, "photo")
    return Plan(source=source, parameters=Parameters(output_format="png"), steps=steps, output=output, **traits)


def run_sync(sandbox, plan):
    with sandbox.client() as client, Shim(client, policy="silent") as shim:
        return shim.run(planned(plan), Call("planned", "cut"))


def run_async(sandbox, plan):
    async def run():
        async with AsyncShim(sandbox.async_client(), policy="silent") as shim:
            return await shim.run(planned(plan), Call("planned", "cut"))

    return asyncio.run(run())


def every(text):
    """Give all four sides one length."""
    return Margin.parse(text)


def px(value):
    return Length(value, "px")
