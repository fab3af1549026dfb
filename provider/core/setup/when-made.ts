/** A look at a setup: between these two moments of our clock the server looked, and told its own time. */
export interface Look {
	readonly askedAt: number;
	readonly answeredAt: number;
	/** `dns_checked_at`. */
	readonly checkedAt: string;
}

/** `unsure`: too close to call. */
export type WhenMade = "before" | "since" | "unsure";

/**
 * Whether a setup was made before or since a moment of our clock, however far apart the two clocks are.
 *
 * A server stamps `dns_checked_at` when its look is done, right before it answers: not after the answer came,
 * and not earlier than one bare round trip before that. So the server's clock is known to within one round
 * trip, which is all that stays in doubt. (`Date` has whole seconds, and may be a proxy's.)
 *
 * Both stamps have to come from one clock. With several instances the self-hosted service takes them from its
 * database; where another one takes them from its instances, what sets their clocks apart adds to the doubt
 * unseen: milliseconds, as a rule, under NTP.
 *
 * @param roundTripMs the shortest one seen in which the server had little to do
 */
export function whenMade(
	createdAt: string,
	moment: number,
	looks: readonly Look[],
	roundTripMs: number,
): WhenMade {
	const made = instant(createdAt);
	// What the server's clock shows at our zero.
	const atLeast = Math.max(...looks.map((look) => instant(look.checkedAt).earliest - look.answeredAt));
	const atMost = Math.min(
		...looks.map(({ askedAt, answeredAt, checkedAt }) => {
			const { latest } = instant(checkedAt);
			return Math.min(latest - askedAt, latest - answeredAt + roundTripMs);
		}),
	);
	if (made.latest < moment + atLeast) return "before";
	return made.earliest >= moment + atMost ? "since" : "unsure";
}

/** The moments for which a text may stand: what it leaves out was cut off. In milliseconds. */
function instant(text: string): { earliest: number; latest: number } {
	const earliest = Date.parse(text);
	const digits = /[.,](\d+)/.exec(text)?.[1]?.length ?? 0;
	return { earliest, latest: earliest + (digits >= 3 ? 0 : 10 ** (3 - digits)) };
}
