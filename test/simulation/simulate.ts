import { loadAwsSdk } from "./aws-sdk.js";
import { Life } from "./life.js";
import { isEmbedded } from "./scene.js";

/** A life that ended badly, and how to see it again. */
export class BadLife extends Error {
	override readonly name = "BadLife";

	constructor(seed: number, cause: unknown) {
		const what = cause instanceof Error ? cause.message : String(cause);
		super(`seed ${seed}: ${what}\n  See it again: npm run test:simulation -- --seed ${seed}`, { cause });
	}
}

/**
 * Lives the life of a seed.
 * @param write told what happens, line by line
 * @throws BadLife
 */
export async function simulate(seed: number, write?: (line: string) => void): Promise<void> {
	const tell = write ? (text: () => string) => write(`${seconds(life)} ${text()}`) : () => {};
	const life: Life = new Life(seed, tell);
	try {
		if (isEmbedded(seed)) await loadAwsSdk();
		await life.run();
	} catch (error) {
		throw new BadLife(seed, error);
	}
}

const began = Date.UTC(2026, 0, 1);
const seconds = (life: Life) => ((life.now() - began) / 1000).toFixed(3).padStart(10);
