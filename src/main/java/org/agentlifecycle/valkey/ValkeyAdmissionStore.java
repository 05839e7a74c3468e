package org.agentlifecycle.valkey;

import static org.agentlifecycle.valkey.ReplyReader.number;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import org.agentlifecycle.admission.Admission;
import org.agentlifecycle.admission.AdmissionSettings;
import org.agentlifecycle.admission.AdmissionStore;

/** Admission in Valkey. */
@ApplicationScoped
public class ValkeyAdmissionStore implements AdmissionStore {
  private final FunctionLibrary functions;
  private final AdmissionSettings settings;

  /** For the client proxy. */
  protected ValkeyAdmissionStore() {
    this(null, null);
  }

  @Inject
  public ValkeyAdmissionStore(FunctionLibrary functions, AdmissionSettings settings) {
    this.functions = functions;
    this.settings = settings;
  }

  @Override
  public Admission get() {
    List<Object> reply = functions.read("admission", settings.maxActive());
    return new Admission(number(reply.get(0)) == 1, number(reply.get(1)));
  }

  @Override
  public void set(Admission admission) {
    functions.write("admit", admission.open() ? "1" : "0", admission.maxActive());
  }
}
