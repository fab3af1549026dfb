/**
 * How states name our resources and find their code. No import from here may load Pulumi's SDK: the command
 * line writes both into import files.
 */

/**
 * Class name → handler of `pulumi-channels/runtime`. Both names are written into the states of users:
 * neither may ever change.
 */
const handlers = {
	SesSetup: "setup",
	Route53Records: "records",
	Verification: "verification",
} as const;

export type ResourceClass = keyof typeof handlers;

export const typeToken = (kind: ResourceClass) => `pulumi-nodejs:dynamic/channels:${kind}`;

/** A constant text, so that nothing is serialised and a deployed stack runs the installed code. */
export const providerText = (kind: ResourceClass) =>
	`exports.handler=()=>require("pulumi-channels/runtime").${handlers[kind]}`;

/** What the children of a setup are called. A change would replace them in every stack. */
export const childName = {
	records: (setup: string) => `${setup}-records`,
	verification: (setup: string) => `${setup}-verification`,
} as const;
