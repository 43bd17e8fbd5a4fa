package org.bitbeam.flink;

import com.sun.jdi.AbsentInformationException;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.Location;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.connect.IllegalConnectorArgumentsException;
import com.sun.jdi.event.BreakpointEvent;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.request.BreakpointRequest;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Stops a JVM at a {@link KillPoint}, through the debugger's interface: all of its threads stand
 * still from there until it is killed, or this is closed. A JVM can have one at a time.
 */
final class Tripwire implements AutoCloseable {
  private final VirtualMachine machine;
  private final KillPoint point;
  private final CompletableFuture<String> hit = new CompletableFuture<>();

  private Tripwire(VirtualMachine machine, KillPoint point) {
    this.machine = machine;
    this.point = point;
  }

  /** Flag of a JVM that takes tripwires at a port; whether it waits for the first one. */
  static String flag(int port, boolean waits) {
    return "-agentlib:jdwp=transport=dt_socket,server=y,quiet=y,suspend="
        + (waits ? "y" : "n")
        + ",address=127.0.0.1:"
        + port;
  }

  /** Lays it; waits until the JVM listens. */
  static Tripwire lay(Process process, int port, KillPoint point)
      throws IOException, InterruptedException, IllegalConnectorArgumentsException {
    AttachingConnector connector =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(candidate -> candidate.transport().name().equals("dt_socket"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = connector.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(Integer.toString(port));
    while (true) {
      try {
        Tripwire tripwire = new Tripwire(connector.attach(arguments), point);
        tripwire.lay();
        return tripwire;
      } catch (ConnectException e) {
        if (!process.isAlive()) {
          throw new IOException("the process has ended with " + process.exitValue(), e);
        }
        Thread.sleep(50);
      }
    }
  }

  private void lay() {
    ClassPrepareRequest loading = machine.eventRequestManager().createClassPrepareRequest();
    loading.addClassFilter(point.place().className);
    loading.setSuspendPolicy(EventRequest.SUSPEND_EVENT_THREAD);
    loading.enable();
    machine.classesByName(point.place().className).forEach(this::breakIn);
    Thread watcher = new Thread(this::watch, "tripwire");
    watcher.setDaemon(true);
    watcher.start();
    machine.resume();
  }

  private void breakIn(ReferenceType type) {
    try {
      List<Location> lines =
          type.methodsByName(point.place().method).stream()
              .filter(method -> !method.isBridge())
              .findFirst()
              .orElseThrow(() -> new IllegalStateException("no such method: " + point))
              .allLineLocations();
      breakAt(lines.get(point.line() % lines.size()), point.hit());
      // The line may be one that nothing reaches, as in a catch: then the next call it is.
      breakAt(lines.get(0), point.hit() + 1);
    } catch (AbsentInformationException e) {
      throw new IllegalStateException(type + " was compiled without line numbers", e);
    }
  }

  private void breakAt(Location line, int hit) {
    BreakpointRequest stop = machine.eventRequestManager().createBreakpointRequest(line);
    stop.addCountFilter(hit);
    stop.setSuspendPolicy(EventRequest.SUSPEND_ALL);
    stop.enable();
  }

  private void watch() {
    try {
      while (true) {
        EventSet events = machine.eventQueue().remove();
        boolean stands = false;
        for (Event event : events) {
          if (event instanceof ClassPrepareEvent loaded) {
            breakIn(loaded.referenceType());
          } else if (event instanceof BreakpointEvent stop) {
            stands = true;
            Location where = stop.location();
            hit.complete(
                where.declaringType().name().replaceAll(".*\\.", "")
                    + "."
                    + where.method().name()
                    + ", line "
                    + where.lineNumber()
                    + ", for call "
                    + point.hit());
          }
        }
        if (!stands) {
          events.resume();
        }
      }
    } catch (VMDisconnectedException e) {
      // It has ended, or this is closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      hit.completeExceptionally(e);
    }
  }

  /** Completes with the line when it is reached. */
  CompletableFuture<String> hit() {
    return hit;
  }

  /** Takes it away; the JVM goes on, if it is still there. */
  @Override
  public void close() {
    try {
      machine.dispose();
    } catch (VMDisconnectedException e) {
      // It has ended.
    }
  }
}
