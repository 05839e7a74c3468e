package org.agentlifecycle.contract;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Contract of all stores, which the real stores and the in-memory store fulfil. */
public abstract class StoreContract
    implements RegistrationContract,
        TransitionContract,
        HistoryContract,
        ListingContract,
        SessionContract,
        CleanupContract,
        LeaseContract,
        IdempotencyContract,
        BatchContract,
        OutputContract,
        DeadlineContract,
        ProgressContract,
        WaitingContract,
        DesiredContract,
        FamilyContract,
        AdmissionContract,
        KillContract,
        RetentionContract,
        FeedContract,
        ForwardingContract {

  private final List<StoreUnderTest> opened = new ArrayList<>();
  private StoreUnderTest store;

  /** Opens an empty store. */
  protected abstract StoreUnderTest open(StoreSettings settings);

  @Override
  public StoreUnderTest store() {
    return store;
  }

  @Override
  public void use(StoreSettings settings) {
    store = open(settings);
    opened.add(store);
  }

  @BeforeEach
  void openOne() {
    use(StoreSettings.QUIET);
  }

  @AfterEach
  void closeAll() {
    opened.forEach(StoreUnderTest::close);
  }
}
