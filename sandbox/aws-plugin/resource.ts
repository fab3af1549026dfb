import type { Route53Client } from "@aws-sdk/client-route-53";

/** Properties as they travel between engine and plugin: plain JSON. */
export type Properties = Record<string, unknown>;

export interface Context {
	readonly route53: Route53Client;
	/** Aborted when the engine cancels. */
	readonly signal: AbortSignal;
}

/** One resource type of the AWS plugin. Unknown values of a preview reach `check` only. */
export interface Resource {
	/** The inputs it knows; any other that is given is refused rather than ignored. */
	readonly inputs: readonly string[];
	/** The inputs of which a change replaces the resource. */
	readonly replaceOn: readonly string[];
	create(inputs: Properties, context: Context): Promise<{ id: string; outputs: Properties }>;
	/** Undefined where there is no such resource any more. */
	read(
		id: string,
		outputs: Properties,
		context: Context,
	): Promise<{ inputs: Properties; outputs: Properties } | undefined>;
	update(id: string, inputs: Properties, context: Context): Promise<Properties>;
	delete(id: string, outputs: Properties, context: Context): Promise<void>;
}

/** A property that has to be text. @throws {Error} naming it otherwise. */
export function text(properties: Properties, name: string): string {
	const value = properties[name];
	if (typeof value !== "string") throw new Error(`${name} has to be a string`);
	return value;
}
