"""CPython's side of random sessions: `sessions.py client|server tcp|unix ADDRESS [FOLDER]`.

Each line of the standard input is the plan of a session, as JSON; what came of each is a line of the standard output, with its
number. A server says first at which port it listens. With a folder there is TLS, with the certificates in it.
"""

import asyncio
import json
import logging
import random
import socket
import ssl
import struct
import sys
import traceback
import zlib

role, transport, address, *folder = sys.argv[1:]

# It warns of what is written to a connection that is gone.
logging.getLogger("asyncio").setLevel(logging.ERROR)

LIMIT = 60
HEADER = struct.Struct(">II")


def encode(rng, total):
    """So many bytes in frames. Each begins with its length and the checksum of all bytes so far; one without any is the last."""
    frames, crc = [], 0
    while total:
        part = rng.randbytes(min(total, rng.choice([1, 10, 1000, 20_000])))
        total -= len(part)
        crc = zlib.crc32(part, crc)
        frames += [HEADER.pack(len(part), crc), part]
    frames.append(HEADER.pack(0, crc))
    return b"".join(frames)


class Frames:
    """What was received, checked as it comes."""

    def __init__(self):
        self.buffer, self.crc, self.total = bytearray(), 0, 0
        self.ended = self.acknowledged = False

    def feed(self, data):
        self.buffer += data
        while not self.ended and len(self.buffer) >= HEADER.size:
            length, crc = HEADER.unpack_from(self.buffer)
            part = bytes(self.buffer[HEADER.size : HEADER.size + length])
            if len(part) < length:
                return
            del self.buffer[: HEADER.size + length]
            self.crc = zlib.crc32(part, self.crc)
            self.total += length
            assert self.crc == crc, f"other bytes than were sent, before {self.total}"
            self.ended = length == 0
        if self.ended and self.buffer:
            assert self.buffer == b"." and not self.acknowledged, f"{self.buffer} behind the last frame"
            self.acknowledged = True
            self.buffer.clear()

    def missing(self):
        """How many bytes are still to come, at the least."""
        if self.ended:
            return 0
        if len(self.buffer) < HEADER.size:
            return HEADER.size - len(self.buffer)
        # A part is missing, or it would have been taken; behind it there is another header.
        return 2 * HEADER.size + HEADER.unpack_from(self.buffer)[0] - len(self.buffer)

    def check(self, total):
        assert self.ended and self.total == total, f"{self.total} bytes of {total}"


class Side:
    def __init__(self, plan, reader, writer):
        self.plan, self.reader, self.writer = plan, reader, writer
        self.rng = random.Random(plan["seed"])
        self.stream = encode(self.rng, plan["bytes"])
        self.frames = Frames()

    async def perhaps(self, operation):
        """Gives it up after a moment, in some sessions."""
        if not self.plan["gives_up"] or self.rng.random() < 0.5:
            return await operation
        return await asyncio.wait_for(operation, self.rng.choice([0.0001, 0.001]))

    async def send(self, end=None):
        left = memoryview(self.stream)[:end]
        while left:
            count = self.rng.choice([1, 7, 1000, 16_384, 16_385, 90_000])
            self.writer.write(bytes(left[:count]))
            left = left[count:]
            if self.rng.random() < 0.3:
                try:
                    await self.perhaps(self.writer.drain())
                except asyncio.TimeoutError:
                    pass
            if self.rng.random() < 0.05:
                await asyncio.sleep(0.001)
        await self.writer.drain()

    async def receive(self, until):
        """Until this is so; whether it was before the end."""
        while not until():
            count = self.rng.choice([1, 100, 5000, 70_000])
            try:
                missing = self.frames.missing()
                if missing and self.rng.random() < 0.2:
                    data = await self.perhaps(self.reader.readexactly(missing))
                else:
                    data = await self.perhaps(self.reader.read(count))
            except asyncio.IncompleteReadError as error:
                self.frames.feed(error.partial)
                return False
            except asyncio.TimeoutError:
                continue
            if not data:
                return False
            self.frames.feed(data)
        return True

    async def receive_all(self):
        await self.receive(lambda: False)

    async def question(self):
        """The server answers when the client has ended its side."""
        if role == "client":
            await self.send()
            self.writer.write_eof()
            await self.receive_all()
        else:
            await self.receive_all()
            await self.send()
        self.frames.check(self.plan["expects"])

    async def halves(self):
        """Each ends its side when it has sent all."""

        async def sending():
            await self.send()
            self.writer.write_eof()

        await asyncio.gather(sending(), self.receive_all())
        self.frames.check(self.plan["expects"])

    async def agreed(self):
        """Each says that it has all, and the client ends first. Over TLS, an end is one of both sides to asyncio."""

        async def receiving():
            assert await self.receive(lambda: self.frames.ended), "the end before the last frame"

        await asyncio.gather(self.send(), receiving())
        self.frames.check(self.plan["expects"])
        self.writer.write(b".")
        await self.receive(lambda: self.frames.acknowledged)
        assert self.frames.acknowledged, "the end before the last byte"
        if role == "client":
            self.writer.close()
        await self.receive_all()

    async def resets(self):
        receiving = asyncio.create_task(self.receive_all())
        await self.send(self.plan["at"])
        raw = self.writer.get_extra_info("socket")
        if transport == "tcp":
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        await asyncio.gather(receiving, return_exceptions=True)

    async def is_cancelled(self):
        talking = asyncio.create_task(self.agreed())
        await asyncio.sleep(self.plan["at"] / 1e6)
        talking.cancel()
        try:
            await talking
        except (asyncio.CancelledError, ConnectionError):
            pass

    async def survives(self, error_expected):
        """The other side goes at any moment: what came before is as it was sent."""
        sending = asyncio.create_task(self.send())
        try:
            await self.receive_all()
            failed = False
        except ConnectionError:
            failed = True
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        assert failed or not error_expected, "an end in good order instead of a reset"

    async def converse(self):
        ending = self.plan["ending"]
        who, _, how = ending.partition("-")
        match how:
            case "resets" if who == role:
                await self.resets()
            case "resets":
                # A Unix socket has none.
                await self.survives(transport == "tcp")
            case "cancelled" if who == role:
                await self.is_cancelled()
            case "cancelled":
                await self.survives(False)
            case _:
                await getattr(self, ending)()
        if not self.writer.is_closing():
            self.writer.close()
        try:
            await self.writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            # To OpenSSL it is one of TLS if the other side still sends.
            assert how


async def told(plan, connect):
    try:
        reader, writer = await connect
        await asyncio.wait_for(Side(plan, reader, writer).converse(), LIMIT)
        print(plan["number"], "ok", flush=True)
    except BaseException:
        print(plan["number"], json.dumps(traceback.format_exc()), flush=True)


async def plans():
    lines = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(lines)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    async for line in lines:
        yield json.loads(line)


async def opened(plan, context):
    names = {"server_hostname": "localhost"} if folder else {}
    if transport == "tcp":
        port = int(address.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, **names)
    else:
        reader, writer = await asyncio.open_unix_connection(address, ssl=context, **names)
    writer.write(struct.pack(">I", plan["number"]))
    # Or a reset might come before the number.
    assert await reader.readexactly(1) == b"!"
    return reader, writer


async def client():
    context = ssl.create_default_context(cafile=f"{folder[0]}/authority.pem") if folder else None
    async with asyncio.TaskGroup() as group:
        async for plan in plans():
            group.create_task(told(plan, opened(plan, context)))


async def server():
    context = None
    if folder:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder[0]}/chain.pem", f"{folder[0]}/key.pem")
    loop = asyncio.get_running_loop()
    connections = {}

    def connection(number):
        return connections.setdefault(number, loop.create_future())

    async def handler(reader, writer):
        (number,) = struct.unpack(">I", await reader.readexactly(4))
        writer.write(b"!")
        connection(number).set_result((reader, writer))

    if transport == "tcp":
        listening = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
        print(listening.sockets[0].getsockname()[1], flush=True)
    else:
        listening = await asyncio.start_unix_server(handler, address, ssl=context)
        print(address, flush=True)
    async with asyncio.TaskGroup() as group:
        async for plan in plans():
            group.create_task(told(plan, connection(plan["number"])))
    listening.close()


asyncio.run(client() if role == "client" else server())
