import { proxyProblem } from "../../../sdk/proxies.js";
import { awsForms, formProblem } from "../../arguments/aws-forms.js";
import type { Complain } from "./assumed-role.js";
import type { AwsSettingName } from "./aws-names.js";

/** The stack's `aws:*` configuration, value by value. What has another form than the AWS provider takes is complained of. */
export class AwsConfig {
	constructor(
		private readonly config: (key: string) => string | undefined,
		private readonly complain: Complain,
	) {}

	text(key: AwsSettingName): string | undefined {
		return this.config(`aws:${key}`)?.trim() || undefined;
	}

	/** Structured configuration reaches a provider as JSON text; the AWS provider takes one or a list. */
	structured(key: AwsSettingName): unknown[] {
		const json = this.text(key);
		if (json === undefined) return [];
		try {
			return [JSON.parse(json)].flat();
		} catch {
			this.complain(`aws:${key}`, "is not the object or list that the AWS provider takes.");
			return [];
		}
	}

	one<Value extends string>(key: AwsSettingName, values: readonly Value[]): Value | undefined {
		const value = this.text(key);
		const found = values.find((each) => each === value);
		if (value !== undefined && !found) this.complain(`aws:${key}`, `must be ${values.join(" or ")}.`);
		return found;
	}

	flag(key: AwsSettingName): boolean | undefined {
		const value = this.one(key, ["true", "false"]);
		return value && value === "true";
	}

	/** One path: the AWS SDK reads one file of each kind. */
	file(key: AwsSettingName): string | undefined {
		const [path, ...more] = this.structured(key);
		if (path === undefined) return undefined;
		if (typeof path === "string" && more.length === 0) return path;
		this.complain(`aws:${key}`, "must be a list of one path here: put all that is needed into one file.");
		return undefined;
	}

	region(key: AwsSettingName): string | undefined {
		return this.#checked(key, (value) => formProblem(awsForms.region, value));
	}

	proxy(key: AwsSettingName): string | undefined {
		return this.#checked(key, proxyProblem);
	}

	accounts(key: AwsSettingName): string[] | undefined {
		// A number, where the configuration was written without quotes; it has lost its zeros then.
		const ids = this.structured(key).map((id) => String(id).padStart(12, "0"));
		if (ids.some((id) => !/^\d{12}$/.test(id)))
			this.complain(`aws:${key}`, 'must be a list of account ids such as "123456789012".');
		return ids.length > 0 ? ids : undefined;
	}

	/** Its name notwithstanding, the AWS provider counts the first attempt, and takes 0 for no wish. */
	attempts(key: AwsSettingName): number | undefined {
		const value = this.#checked(key, (text) => (/^\d+$/.test(text) ? undefined : "must be a whole number"));
		return Number(value) || undefined;
	}

	#checked(key: AwsSettingName, problemOf: (value: string) => string | undefined): string | undefined {
		const value = this.text(key);
		const problem = value && problemOf(value);
		if (problem) this.complain(`aws:${key}`, `${problem}.`);
		return value;
	}
}
