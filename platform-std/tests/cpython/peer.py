"""CPython's asyncio as the peer of a test: `peer.py client|server DIALOGUE tcp|unix ADDRESS [FOLDER]`.

A server says at which port it listens, serves one connection, and ends. With a folder there is TLS, with the certificates
in it. What is not as it should be ends it with a traceback.
"""

import asyncio
import random
import socket
import ssl
import struct
import sys

SIZE = 700_000
PATTERN = bytes(i % 251 for i in range(251)) * (SIZE // 251 + 1)

role, dialogue, transport, address, *folder = sys.argv[1:]
seed = random.randrange(1 << 32)
print("seed", seed, file=sys.stderr)
rng = random.Random(seed)


def server_context():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder[0]}/chain.pem", f"{folder[0]}/key.pem")
    context.set_alpn_protocols(["everloop"])
    if "wants-certificate" in dialogue:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(f"{folder[0]}/authority.pem")
    return context


def client_context():
    context = ssl.create_default_context(cafile=f"{folder[0]}/authority.pem")
    context.set_alpn_protocols(["everloop"])
    return context


with_tls = bool(folder) and not dialogue.startswith("start-tls")


async def send(writer):
    sent = 0
    while sent < SIZE:
        count = rng.choice([1, 7, 1000, 16384, 16385, 90_000])
        part = PATTERN[sent : min(SIZE, sent + count)]
        writer.write(part)
        sent += len(part)
        if rng.random() < 0.3:
            await writer.drain()
        if rng.random() < 0.05:
            await asyncio.sleep(0.001)
    await writer.drain()


async def receive(reader):
    received = 0
    while received < SIZE:
        data = await reader.read(min(SIZE - received, rng.choice([1, 100, 5000, 70_000])))
        assert data, f"the end after {received} bytes"
        assert data == PATTERN[received : received + len(data)], f"at {received}"
        received += len(data)


async def both(reader, writer):
    await asyncio.gather(send(writer), receive(reader))
    # Over TLS the end of the other side would break off what this one still does.
    writer.write(b".")
    assert await reader.readexactly(1) == b"."
    if writer.can_write_eof():
        writer.write_eof()
    if role == "client" and with_tls:
        # Who ends first is agreed on, since its end is asyncio's too.
        writer.close()
    assert await reader.read() == b""


async def half(reader, writer):
    """The server answers when the client has ended its side."""
    if role == "client":
        writer.write(b"question")
        writer.write_eof()
        assert await reader.read() == b"answer to question"
    else:
        question = await reader.read()
        writer.write(b"answer to " + question)


async def reset(reader, writer):
    """This side resets."""
    writer.write(b"hello")
    await writer.drain()
    assert await reader.readexactly(5) == b"hello"
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def is_reset(reader, writer):
    """The other side resets."""
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    writer.write(b"!")
    try:
        while await reader.read(100):
            pass
        raise AssertionError("an end in good order")
    except ConnectionResetError:
        pass


async def start_tls(reader, writer):
    if role == "client":
        writer.write(b"STARTTLS\n")
        assert await reader.readline() == b"go ahead\n"
        await writer.start_tls(client_context(), server_hostname="localhost")
        writer.write(b"hello over TLS\n")
        assert await reader.readline() == b"hello over TLS\n"
    else:
        assert await reader.readline() == b"STARTTLS\n"
        writer.write(b"go ahead\n")
        await writer.drain()
        await writer.start_tls(server_context())
        writer.write(await reader.readline())
        await writer.drain()


async def wants_certificate(reader, writer):
    (names,) = writer.get_extra_info("peercert")["subjectAltName"]
    writer.write(names[1].encode())


async def ends(reader, writer):
    """This side ends TLS as soon as the other has spoken."""
    assert await reader.readexactly(5) == b"hello"
    writer.write(b"bye")


async def other_ends(reader, writer):
    """The other side ends TLS as soon as this one has spoken."""
    writer.write(b"hello")
    assert await reader.read() == b"bye"


DIALOGUES = {
    "both": both,
    "half": half,
    "reset": reset,
    "is-reset": is_reset,
    "start-tls": start_tls,
    "wants-certificate": wants_certificate,
    "ends": ends,
    "other-ends": other_ends,
}


async def converse(reader, writer):
    if with_tls:
        assert writer.get_extra_info("ssl_object").selected_alpn_protocol() == "everloop"
    await DIALOGUES[dialogue](reader, writer)
    if not writer.is_closing():
        writer.close()
    try:
        await writer.wait_closed()
    except ConnectionError:
        assert "reset" in dialogue


async def client():
    context = client_context() if with_tls else None
    names = {"server_hostname": "localhost"} if with_tls else {}
    if transport == "tcp":
        port = int(address.rpartition(":")[2])
        opening = asyncio.open_connection("127.0.0.1", port, ssl=context, **names)
    else:
        opening = asyncio.open_unix_connection(address, ssl=context, **names)
    if dialogue == "refuses":
        try:
            await opening
        except ssl.SSLCertVerificationError:
            return
        raise AssertionError("it trusts whom it should not")
    await converse(*await opening)


async def server():
    done = asyncio.get_running_loop().create_future()

    async def handler(reader, writer):
        try:
            await converse(reader, writer)
            done.set_result(None)
        except BaseException as error:
            done.set_exception(error)

    context = server_context() if with_tls else None
    if transport == "tcp":
        listening = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=context)
        print(listening.sockets[0].getsockname()[1], flush=True)
    else:
        listening = await asyncio.start_unix_server(handler, address, ssl=context)
        print(address, flush=True)
    await done
    listening.close()


asyncio.run(asyncio.wait_for(client() if role == "client" else server(), 30))
