import type { DiagnosisResponse, SesSetupListItemResponse, UseCaseResponse } from "../../../sdk/contract.js";
import type { Operation } from "../operation.js";
import type { CheckedSetup, Home, Names, NamesLook, Setup, SetupRef } from "./setup.js";

/**
 * The Channels API as the handlers use it, whichever way it is reached. What it throws is for the person at the terminal,
 * but for the signal's reason when that aborts.
 */
export interface Channels {
	home(operation: Operation): Promise<Home>;

	/**
	 * Registers a domain. It is repeated where its end is not known, and nothing is taken over by guess. A stop ends no
	 * request that is under way.
	 *
	 * @param adopt whether what the provider has not made may be taken in: an identity that stands in SES already.
	 * @throws SetupExistsError where there is a setup of exactly these names; UserError when they are taken, or the outcome
	 * stays unknown; HalfMadeError where something stands that could not be taken down again.
	 */
	create(operation: Operation, names: Names, options: { adopt: boolean }): Promise<Setup>;
	/** The setup of exactly these names. */
	find(operation: Operation, names: Names): Promise<Setup | undefined>;
	/**
	 * Looks whether these names can be had, as far as that shows.
	 *
	 * @param adopt whether a setup of exactly these names is to be taken over.
	 * @param going which setups will have gone by then.
	 * @throws UserError with what keeps them from being registered, naming it, and what to do.
	 */
	look(
		operation: Operation,
		names: Names,
		options: { adopt: boolean; going: (id: string) => boolean },
	): Promise<NamesLook>;
	/**
	 * The setup of a domain. Left out where only the list tells.
	 *
	 * @throws UserError `setup-not-found`, which says what stands in its place.
	 */
	ofDomain?(operation: Operation, domain: string): Promise<SetupRef>;
	/** Undefined where it is gone for certain. @throws UserError `gone-unproven` */
	read(operation: Operation, ref: SetupRef): Promise<Setup | undefined>;
	/** @throws UserError `setup-gone`, or for what no repetition helps; anything else is worth another try. */
	verify(operation: Operation, ref: SetupRef): Promise<CheckedSetup>;
	/** What it sees of a setup, and SES behind it; undefined where it does not tell. */
	diagnosis(operation: Operation, ref: SetupRef): Promise<DiagnosisResponse | undefined>;
	/** What keeps a domain from sending that is verified; undefined where it does not tell. */
	obstacles(operation: Operation, ref: SetupRef): Promise<readonly string[] | undefined>;
	/** Puts the identity of a setup into its tenant again. Left out where that never shows. */
	associate?(operation: Operation, ref: SetupRef): Promise<void>;
	/**
	 * Deletes a setup. One that is gone already is a success.
	 *
	 * @param withinMs once, and no longer than this. Default: it is repeated for two minutes.
	 * @throws UserError while use cases refer to it.
	 */
	remove(operation: Operation, ref: SetupRef, options?: { withinMs?: number }): Promise<void>;
	/** What refers to a setup. Left out where nothing can. @throws UserError `use-cases-unknown` */
	users?(operation: Operation, ref: SetupRef): Promise<readonly UseCaseResponse[]>;
	/** Every setup. */
	list(operation: Operation): AsyncIterable<SesSetupListItemResponse>;
	close(): Promise<void>;
}
