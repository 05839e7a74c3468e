package org.agentlifecycle.bench;

import java.util.function.Supplier;

/**
 * A kind of call that is measured.
 *
 * @param callers number of callers in the closed loop
 * @param reference name of the phase to which the rate is compared
 * @param call makes the calls of one round
 */
record Phase(String name, int callers, String reference, Supplier<Call> call) {}
