/**
 * Pulumi's dynamic-provider contract, the program's half of it: the only file here that knows the wiring
 * that all resources share. `dynamic/dynamic-provider.ts` is the other half, in the provider's process.
 */
import * as pulumi from "@pulumi/pulumi";
import { withCode } from "./core/error-codes.js";
import { underMocks } from "./mocks.js";
import { providerText, type ResourceClass, typeToken } from "./tokens.js";

export abstract class ChannelsResource extends pulumi.CustomResource {
	/**
	 * @param outputs Names of the outputs that are no inputs: Pulumi resolves only properties it was told of.
	 * @throws when `import` is among the options, or the API key stands in clear in the configuration.
	 */
	protected constructor(
		kind: ResourceClass,
		name: string,
		inputs: pulumi.Inputs,
		outputs: readonly string[],
		options: pulumi.CustomResourceOptions,
	) {
		refuseImport(kind, name, options);
		refuseClearKey();
		super(
			typeToken(kind),
			name,
			{
				...Object.fromEntries(outputs.map((output) => [output, undefined])),
				// Each property takes the SDK eight promises, given or not.
				...Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)),
				// The provider shows its progress in the row of this resource, and gets no URN from the engine. Properties
				// that begin with two underscores are not displayed (`IsInternalPropertyKey` in Pulumi's source).
				__statusUrn: urnOf(kind, name, options.parent),
				__provider: providerText(kind),
				...(kind === "SesSetup" && options.retainOnDelete && { __retained: true }),
			},
			// `--replace` and `pulumi state taint` never ask the provider's diff. Creating first would make the
			// new resource adopt what the old one's delete then removes.
			pulumi.mergeOptions(options, {
				deleteBeforeReplace: true,
				...(kind === "SesSetup" && mayBeRetained(options) && { transforms: [tellRetention] }),
			}),
		);
	}
}

/**
 * Tells the provider of a `retainOnDelete` that is not the resource's own, since the engine does not: of a parent, or of a
 * transform that comes before this one. Those of parents and of the stack come after it.
 */
const tellRetention: pulumi.ResourceTransform = ({ type, props, opts }) =>
	type === typeToken("SesSetup") && opts.retainOnDelete && !props.__retained
		? { props: { ...props, __retained: true }, opts: asTheyAre }
		: undefined;

/** The SDK hands other options back with less than they had, such as `hideDiffs` (`registerTransform` in its callbacks.ts). */
const asTheyAre = undefined as unknown as pulumi.ResourceOptions;

const mayBeRetained = ({ parent, transforms, transformations }: pulumi.CustomResourceOptions): boolean =>
	[parent, transforms, transformations].some(Boolean) &&
	// Mocks have nobody who would call it.
	!underMocks();

/**
 * The resource's own URN, as a promise: the output would make it depend on its parent, and on a component
 * for all that is in it, which includes this resource.
 */
function urnOf(kind: ResourceClass, name: string, parent: pulumi.Resource | undefined): Promise<string> {
	return new Promise((resolve) => {
		pulumi.createUrn(name, typeToken(kind), parent).apply(resolve);
	});
}

function refuseImport(kind: ResourceClass, name: string, options: pulumi.CustomResourceOptions): void {
	if (options.import === undefined) return;
	throw new pulumi.ResourceError(
		withCode(
			`${kind} "${name}": the option \`import\` does not work for dynamic resources. To take over a setup ` +
				"that exists, set `adoptExisting: true`, or let `channels import-file` write a file for `pulumi import --file`.",
			"import-unsupported",
		),
		undefined,
		true,
	);
}

/** `isConfigSecret` is exported by @pulumi/pulumi's runtime but left out of its declarations. */
const { isConfigSecret } = pulumi.runtime as { isConfigSecret?: (key: string) => boolean };

function refuseClearKey(): void {
	const key = "channels:apiKey";
	if (pulumi.runtime.allConfig()[key] === undefined || isConfigSecret?.(key) !== false) return;
	// The configuration of a unit test has no file and no state.
	if (underMocks()) return;
	const isEmbedded = pulumi.runtime.allConfig()["channels:api"] === "embedded";
	throw new pulumi.RunError(
		withCode(
			`The configuration value ${key} stands in clear in the stack's file and state. ` +
				(isEmbedded
					? `The embedded API has no key: take it out (pulumi config rm ${key}), and revoke it where it came from.`
					: `Encrypt it: pulumi config set --secret ${key}`),
			"api-key-in-clear",
		),
	);
}
