package org.agentlifecycle.bench;

import jakarta.ws.rs.ApplicationPath;
import jakarta.ws.rs.core.Application;

/** Application of the reference resource, in a WAR without any other class. */
@ApplicationPath("/")
public class ReferenceApplication extends Application {}
