import type { $Command, SESv2Client, ServiceInputTypes, ServiceOutputTypes } from "@aws-sdk/client-sesv2";
import type { Calls } from "../calls/calls.js";
import type { Deadline } from "../calls/deadline.js";
import { UpstreamError } from "../calls/errors.js";
import { type Sightings, stillMissing } from "../calls/lag.js";

type Command<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = $Command<
	Input,
	Output,
	SESv2Client["config"],
	ServiceInputTypes,
	ServiceOutputTypes
>;

/** What is no failure: there is none of the name, or there is one already. */
type Harmless = "NotFoundException" | "AlreadyExistsException";

/** SES's API in one account and region. Every call throws UpstreamError, and ends by its deadline. */
export class Api {
	constructor(
		private readonly client: SESv2Client,
		readonly region: string,
		readonly calls: Calls,
		readonly sightings: Sightings,
		/** The number of the AWS account; undefined where nobody knows it. */
		readonly account: () => Promise<string | undefined>,
	) {}

	call<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
		operation: string,
		command: Command<Input, Output>,
		deadline: Deadline,
	): Promise<Output> {
		return this.calls.run(operation, deadline, (options) => this.client.send(command, options));
	}

	/** The same, but undefined where SES answers with that exception. */
	unless<Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
		harmless: Harmless,
		operation: string,
		command: Command<Input, Output>,
		deadline: Deadline,
	): Promise<Output | undefined> {
		return this.calls.run(operation, deadline, (options) =>
			this.client.send(command, options).catch((error: unknown) => {
				if (error instanceof Error && error.name === harmless) return undefined;
				throw error;
			}),
		);
	}

	/**
	 * What is made, or what already exists of the name. Where SES says that it exists and does not find it, either the news of
	 * it has not spread or it went between the two calls: another round tells.
	 * @param make undefined where it already exists
	 */
	async makeOrFind<Found>(
		what: string,
		make: () => Promise<Found | undefined>,
		find: () => Promise<Found | undefined>,
		deadline: Deadline,
	): Promise<Found> {
		for (let pauseMs = 100; ; pauseMs = Math.min(2 * pauseMs, 4_000)) {
			const found = (await make()) ?? (await find());
			if (found !== undefined) {
				this.sightings.made(what);
				return found;
			}
			await this.calls.clock.sleep(pauseMs, deadline.signal).catch(() => {
				throw stillMissing(what);
			});
		}
	}

	close(): void {
		this.client.destroy();
	}
}

/** A member that an answer has always. @throws UpstreamError */
export function required<Value>(value: Value | undefined, operation: string, member: string): Value {
	if (value === undefined) throw new UpstreamError("unavailable", operation, `the answer lacks ${member}`);
	return value;
}
