import { canonicalName } from "../../../dns/index.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../sdk/contract.js";
import { formatDuration } from "../../arguments/duration.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { jittered } from "../jitter.js";
import type { Progress, World } from "../world.js";
import { type Look, whenMade } from "./when-made.js";

export interface Names {
	tenant: string;
	domain: string;
}

/** What a POST without an answer came to. */
export type Outcome =
	| { readonly kind: "made"; readonly setup: SesSetupDetailResponse }
	/** The names had been taken before it was sent. */
	| { readonly kind: "older"; readonly setup: SesSetupListItemResponse }
	| { readonly kind: "doubtful"; readonly setup: SesSetupListItemResponse; readonly why: string }
	| { readonly kind: "absent" };

/** How long a setup may take to appear after a POST whose end nobody knows: the service may finish late. */
const appearanceMs = 30_000;
/** How long it may take to find out whose it is. */
const claimMs = 30_000;
/** How often a claimant looks: once would do if no two looks ever had the same time. */
const touches = 2;
const pauseMs = 1_000;
/** A claimant whose look came later than this after it had seen the last one starts again. */
const touchMs = 3_000;
/** And so whoever saw our claim too late to keep away has shown itself after as long. */
const watchMs = touchMs;

export const isSame = (item: SesSetupListItemResponse, { tenant, domain }: Names): boolean =>
	item.tenant_name === tenant && canonicalName(item.domain_identity) === domain;

/**
 * Finds out what came of a POST that was sent at `began` and had no answer.
 * @throws the signal's reason when it aborts
 */
export async function findOutcome(
	world: World,
	names: Names,
	began: number,
	progress: Progress,
	signal: AbortSignal,
): Promise<Outcome> {
	progress.show("the answer got lost; looking whether the setup was made");
	const seen = await appearance(world, names, signal);
	if (!seen) return { kind: "absent" };
	progress.show(`found setup ${seen.id}; making sure that it is of this run`);
	return claim(world, names, seen, began, signal);
}

async function appearance(
	world: World,
	names: Names,
	outer: AbortSignal,
): Promise<SesSetupListItemResponse | undefined> {
	using deadline = deadlineSignal(
		world.clock,
		appearanceMs,
		outer,
		() => new DeadlineError("the setup to appear", appearanceMs),
	);
	for (let pause = 300; !deadline.signal.aborted; pause = Math.min(pause * 2, 5_000)) {
		// A list that fails says nothing; it is asked again until the deadline.
		const sighting = await sight(world, names, deadline.signal).catch(() => undefined);
		outer.throwIfAborted();
		if (sighting) return sighting.item;
		await pauseFor(world, jittered(pause, world.random), deadline.signal);
	}
	outer.throwIfAborted();
	return undefined;
}

/**
 * Claims a setup that our POST may have made, against others whose POST may have made it as well: the API has
 * no place for an owner's mark. But whoever looks at a setup leaves the time of the look on it, and the list
 * shows that without leaving one. So a claimant looks at a setup at which nobody has looked yet, waits until
 * every rival must have looked too, and takes it over if its own look is still the last one. This is Fischer's
 * algorithm of mutual exclusion (Lamport, A Fast Mutual Exclusion Algorithm, 1987, section 2). A look by
 * "verify" is one's own; one by GET may be shared, with its time.
 *
 * It cannot see a rival whose POST was answered in the very moment in which ours was lost: that one has no
 * need to look.
 */
async function claim(
	world: World,
	names: Names,
	seen: SesSetupListItemResponse,
	began: number,
	outer: AbortSignal,
): Promise<Outcome> {
	const { clock, random } = world;
	using deadline = deadlineSignal(
		clock,
		claimMs,
		outer,
		() => new DeadlineError("its owner to be known", claimMs),
	);
	const { signal } = deadline;
	const doubt = (why: string): Outcome => ({ kind: "doubtful", setup: seen, why });
	const looks: Look[] = [];
	let roundTripMs = Number.POSITIVE_INFINITY;
	/** When it was last looked at, by us; null as long as nobody has. */
	let mine: string | null = null;
	let touched: SesSetupDetailResponse | undefined;
	let count = 0;
	let trouble = "the API did not answer";

	while (!signal.aborted) {
		try {
			const sighting = await sight(world, names, signal);
			if (sighting?.item.id !== seen.id) return doubt("it went away while it was looked at");
			const isContested = sighting.item.dns_checked_at !== mine;
			if (isContested && looks.length > 0) return doubt(contested);
			if (count === touches && touched) {
				const when = whenMade(touched.created_at, began, looks, roundTripMs);
				return when === "since" ? { kind: "made", setup: touched } : doubt(tooClose);
			}
			roundTripMs = Math.min(roundTripMs, sighting.roundTripMs);

			const askedAt = clock.now();
			touched = (await world.channels.sesSetups.verify(seen.id, { signal })).data;
			const answeredAt = clock.now();
			const checkedAt = touched.dns_checked_at;
			if (checkedAt === null || checkedAt === mine) {
				trouble =
					"the API does not say when it last looked (dns_checked_at), and so not what its clock shows";
			} else {
				mine = checkedAt;
				looks.push({ askedAt, answeredAt, checkedAt });
				if (whenMade(touched.created_at, began, looks, roundTripMs) === "before")
					return { kind: "older", setup: seen };
				if (isContested) return doubt(contested);
				const took = answeredAt - sighting.askedAt;
				if (took <= touchMs) count += 1;
				else trouble = `two answers of the API took ${formatDuration(took)}, too long to tell who came first`;
			}
		} catch (error) {
			outer.throwIfAborted();
			if (!signal.aborted) trouble = (error as Error).message;
		}
		await pauseFor(world, count === touches ? watchMs : pauseMs * random(), signal);
	}
	outer.throwIfAborted();
	return doubt(trouble);
}

const contested = "somebody else has looked at it too, as another stack would whose answer also got lost";
const tooClose =
	"it was made so close to the moment at which this run sent its request that the clocks do not tell which " +
	"came first";

interface Sighting {
	readonly item: SesSetupListItemResponse;
	readonly askedAt: number;
	readonly roundTripMs: number;
}

/** The setup of exactly these names as the list shows it, which leaves no mark on it. */
async function sight(world: World, names: Names, signal: AbortSignal): Promise<Sighting | undefined> {
	let askedAt = world.clock.now();
	for await (const { data } of world.channels.sesSetups.pages({ signal })) {
		const answeredAt = world.clock.now();
		const item = data.items.find((each) => isSame(each, names));
		if (item) return { item, askedAt, roundTripMs: answeredAt - askedAt };
		askedAt = world.clock.now();
	}
	return undefined;
}

/** Ends early, and quietly, when the signal aborts: the caller looks at it next. */
const pauseFor = (world: World, ms: number, signal: AbortSignal): Promise<void> =>
	world.clock.sleep(ms, signal).catch(() => {});
