package org.bitbeam.root.internal.remote;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server of the xrootd protocol for one file, whatever it is asked for. A test says what it
 * answers next to a kind of request; after that it answers well again.
 */
final class FakeXrootd implements AutoCloseable {
  static final int AUTH = 3000;
  static final int QUERY = 3001;
  static final int PROTOCOL = 3006;
  static final int LOGIN = 3007;
  static final int OPEN = 3010;
  static final int READ = 3013;
  static final int STAT = 3017;
  static final int READV = 3025;

  static final int OK = 0;
  static final int OK_SO_FAR = 4000;
  static final int ATTENTION = 4001;
  static final int ERROR = 4003;
  static final int REDIRECT = 4004;
  static final int WAIT = 4005;
  static final int WAIT_RESPONSE = 4006;

  private static final byte[] HANDLE = {7, 0, 0, 9};

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<Integer, Queue<Script>> scripts = new ConcurrentHashMap<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private volatile byte[] content;
  private volatile String login = "";
  private volatile String limits = "1024\n2097136\n";
  private volatile long modified = 1_700_000_000;

  /** A request as it came. */
  record Request(int stream, int kind, byte[] params, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.US_ASCII);
    }
  }

  /** What to answer. */
  interface Script {
    void answer(Request request, Peer peer) throws IOException;
  }

  /** The client's side of a connection. */
  final class Peer {
    private final DataOutputStream out;
    private final Socket socket;

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      this.out = new DataOutputStream(socket.getOutputStream());
    }

    void send(int stream, int status, byte[] body) throws IOException {
      send(stream, status, body.length, body);
    }

    void send(int stream, int status, int claimed, byte[] body) throws IOException {
      ByteBuffer frame = ByteBuffer.allocate(8 + body.length);
      frame.putShort((short) stream).putShort((short) status).putInt(claimed).put(body);
      raw(frame.array());
    }

    void raw(byte[] bytes) throws IOException {
      out.write(bytes);
      out.flush();
    }

    void hangUp() throws IOException {
      socket.close();
    }
  }

  FakeXrootd(byte[] content) throws IOException {
    this.content = content;
    threads.submit(
        () -> {
          while (true) {
            Socket socket = listener.accept();
            sockets.add(socket);
            threads.submit(
                () -> {
                  serve(socket);
                  return null;
                });
          }
        });
  }

  String address() {
    return "root://127.0.0.1:" + port() + "//data/f.root";
  }

  int port() {
    return listener.getLocalPort();
  }

  List<Request> requests() {
    return requests;
  }

  long count(int kind) {
    return requests.stream().filter(r -> r.kind() == kind).count();
  }

  void next(int kind, Script... answers) {
    for (Script script : answers) {
      scripts.computeIfAbsent(kind, k -> new ConcurrentLinkedQueue<>()).add(script);
    }
  }

  void forget() {
    scripts.clear();
  }

  void setContent(byte[] changed) {
    content = changed;
  }

  void setModified(long time) {
    modified = time;
  }

  void setLogin(String security) {
    login = security;
  }

  void setLimits(String changed) {
    limits = changed;
  }

  static byte[] number(int value, String text) {
    byte[] rest = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(4 + rest.length).putInt(value).put(rest).array();
  }

  private void serve(Socket socket) throws IOException {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      Peer peer = new Peer(socket);
      in.readFully(new byte[20]);
      peer.send(0, OK, ByteBuffer.allocate(8).putInt(0x500).putInt(1).array());
      while (true) {
        int stream = in.readUnsignedShort();
        int kind = in.readUnsignedShort();
        byte[] params = new byte[16];
        in.readFully(params);
        byte[] payload = new byte[in.readInt()];
        in.readFully(payload);
        Request request = new Request(stream, kind, params, payload);
        requests.add(request);
        Queue<Script> queue = scripts.get(kind);
        Script script = queue == null ? null : queue.poll();
        if (script == null) {
          answer(request, peer);
        } else {
          script.answer(request, peer);
        }
      }
    }
  }

  /** Answers well. */
  void answer(Request request, Peer peer) throws IOException {
    peer.send(request.stream(), OK, body(request));
  }

  /** A good answer. */
  byte[] body(Request request) {
    ByteBuffer params = ByteBuffer.wrap(request.params());
    switch (request.kind()) {
      case PROTOCOL:
        return ByteBuffer.allocate(8).putInt(0x500).putInt(1).array();
      case LOGIN:
        return ByteBuffer.allocate(16 + login.length())
            .position(16)
            .put(login.getBytes(StandardCharsets.US_ASCII))
            .array();
      case QUERY:
        return limits.getBytes(StandardCharsets.US_ASCII);
      case OPEN:
        byte[] stat = stat();
        return ByteBuffer.allocate(12 + stat.length).put(HANDLE).position(12).put(stat).array();
      case STAT:
        return stat();
      case READ:
        int position = (int) params.getLong(4);
        int length = Math.max(0, Math.min(params.getInt(12), content.length - position));
        return java.util.Arrays.copyOfRange(content, position, position + length);
      case READV:
        ByteBuffer list = ByteBuffer.wrap(request.payload());
        int total = 0;
        for (int at = 0; at < list.limit(); at += 16) {
          total += 16 + list.getInt(at + 4);
        }
        ByteBuffer all = ByteBuffer.allocate(total);
        for (int at = 0; at < list.limit(); at += 16) {
          all.put(request.payload(), at, 16);
          all.put(content, (int) list.getLong(at + 8), list.getInt(at + 4));
        }
        return all.array();
      default:
        return new byte[0];
    }
  }

  private byte[] stat() {
    return ("12345 " + content.length + " 16 " + modified + "\0")
        .getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
