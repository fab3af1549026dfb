import { expect, it } from "vitest";
import { regressions } from "./regressions.js";
import { isEmbedded } from "./scene.js";
import { type BadLife, simulate } from "./simulate.js";

const asked = (name: string): number | undefined => {
	const text = process.env[`CHANNELS_SIMULATION_${name}`];
	return text === undefined ? undefined : Number(text);
};

const seed = asked("SEED");
/** `embedded`: those lives alone whose API is the one in the provider. */
const only = process.env.CHANNELS_SIMULATION_ONLY;
const from = asked("FROM") ?? 0;
const seeds = asked("SEEDS");
/** Unless asked for others the same lives in every run: what is new is found by `npm run test:simulation`, which draws. */
const spans: readonly { from: number; seeds: number; tags?: string[] }[] =
	seeds === undefined
		? [
				{ from, seeds: 300 },
				{ from: from + 300, seeds: 1_700, tags: ["all"] },
			]
		: [{ from, seeds }];
/** Which of how many processes this is, each of which has its part of the seeds. */
const [share, shares] = [asked("SHARE") ?? 0, asked("SHARES") ?? 1];

/** So many seeds that follow each other are one process's, or each kind of life would be. */
const block = 16;

/** How often it is told how far the lives are. */
const tellMs = 60_000;

/** So many bad lives are enough to see what is wrong. */
const enough = 10;

it.runIf(seed !== undefined)("tells the story of one life", async () => {
	await simulate(seed ?? 0, console.log);
});

for (const { from, seeds, tags = [] } of spans) {
	const title = `lives ${seeds} lives, from seed ${from} on, after each of which all is as it is wanted`;
	// Simulated time ends what hangs.
	it.runIf(seed === undefined)(title, { timeout: 0, tags }, async () => {
		const began = performance.now();
		const bad: BadLife[] = [];
		let lived = 0;
		let toldAt = began;
		const tell = () => {
			toldAt = performance.now();
			const took = (toldAt - began) / 1000;
			const rate = Math.round(lived / took);
			console.log(
				`${lived} lives from seed ${from} on in ${took.toFixed(1)} s, ${rate} a second, ${bad.length} bad`,
			);
		};
		for (let each = from; each < from + seeds && bad.length < enough; each += 1) {
			if (Math.floor((each - from) / block) % shares !== share) continue;
			if (only === "embedded" && !isEmbedded(each)) continue;
			await simulate(each).catch((error: BadLife) => {
				bad.push(error);
				console.log(error.message);
			});
			lived += 1;
			if (performance.now() - toldAt > tellMs) tell();
		}
		tell();
		expect(bad.map(({ message }) => message).join("\n")).toBe("");
	});
}

it.runIf(seed === undefined && share === 0)("tells the same story of a seed each time", async () => {
	for (let each = from; each < from + 10; each += 1) {
		const first = await storyOf(each);
		expect(await storyOf(each)).toEqual(first);
	}
});

it.runIf(seed === undefined && share === 0).each(regressions)(
	"seed %i no longer finds that %s",
	async (each) => {
		await simulate(each);
	},
);

async function storyOf(each: number): Promise<string[]> {
	const story: string[] = [];
	await simulate(each, (line) => story.push(line)).catch((error: BadLife) => story.push(error.message));
	return story;
}
