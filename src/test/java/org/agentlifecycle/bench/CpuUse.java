package org.agentlifecycle.bench;

/**
 * CPU seconds, NaN if unknown.
 *
 * @param service of the server
 * @param store of the store
 * @param load of this JVM, which contains the load generator
 * @param machine of all processes
 */
record CpuUse(double service, double store, double load, double machine) {

  /** Returns the use so far. */
  static CpuUse now(long servicePid, long storePid) {
    return new CpuUse(
        ProcessCpu.seconds(servicePid),
        ProcessCpu.seconds(storePid),
        ProcessCpu.seconds(ProcessHandle.current().pid()),
        ProcessCpu.machineSeconds());
  }

  /** Returns the use since an earlier time. */
  CpuUse since(CpuUse earlier) {
    return new CpuUse(
        service - earlier.service,
        store - earlier.store,
        load - earlier.load,
        machine - earlier.machine);
  }

  /** Returns the use of processes that do not belong to the benchmark. */
  double others() {
    return Math.max(0, machine - service - store - load);
  }
}
