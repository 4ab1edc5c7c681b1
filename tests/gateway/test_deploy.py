"""What ``deploy/`` holds is taken as it is, so it has to be right: each file is read, and run as far as this machine can."""

import configparser
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import contextmanager
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

import attrs
import httpx
import pytest

from gateway_calls import PATH, code, upload
from pictures import opened, photo
from pixian_shim.errors import ConfigurationError
from pixian_shim.gateway import Config, Key, LinkSettings
from pixian_shim.pixian import Retry
from pixian_shim.pixian._places import KEYS
from pixian_shim.pixian._settings import Settings
from socket_server import SocketServer

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
DEFAULTS = Config()
SHIM = Path(sys.executable).with_name("pixian-shim")
OLD = "the key that callers send"
LOCAL = ("127.0.0.1", "0")
SECOND_THOUGHTS = 10
"""Seconds that a gateway may take beyond ``grace_seconds``: for its thread, and for its log."""

PIXELS_MB = 800
"""Measured: resident at the peak for each picture of 49 megapixels that is worked on."""


def text(name):
    return (DEPLOY / name).read_text("utf-8")


def uncommented(content):
    """Put in what is commented out: an option begins right after its ``#``, a remark after a space."""
    return re.sub(r"^#(?=[\[a-z])", "", content, flags=re.MULTILINE)


@pytest.fixture
def with_keys(tmp_path):
    """Write the shipped configuration with its first key filled in."""

    def write(**changes):
        head, block, keys = text("gateway.toml").partition("#[[keys]]\n")
        shop = uncommented(block + keys).split("[[keys]]\n")[1]
        shop = shop.replace('legacy_sha256 = ""', f'legacy_sha256 = "{sha256(OLD.encode()).hexdigest()}"')
        for name, value in changes.items():
            head, count = re.subn(rf"(?m)^{name} = [^#]*", f"{name} = {json.dumps(value)} ", head)
            assert count == 1, name
        path = tmp_path / "gateway.toml"
        path.write_text(f"{head}{block[1:]}{shop}")
        return path

    return write


@contextmanager
def started(command, env):
    """Run a gateway's command, until it has been told to stop as its supervisor does it; gives address and process."""
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            found = re.match(r"pixian-shim gateway: (http://\S+) ", line)
            assert found, line + (process.stderr.read() if process.poll() is not None else "")
            yield found[1], process
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


def environment(sandbox, **more):
    """Give what a container or a unit starts with: nothing of this terminal's."""
    kept = {name: os.environ[name] for name in os.environ if name.startswith(("COV_", "COVERAGE_", "LD_"))}
    places = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PIXIAN_BASE_URL": sandbox.url}
    return kept | places | {"SHOP_PIXIAN": "sandbox:sandbox"} | more


def cutout(url):
    reply = httpx.post(url + PATH, files=upload(), headers={"X-Api-Key": OLD}, trust_env=False, timeout=20)
    return reply.status_code, reply.headers["content-type"]


class TestConfiguration:
    def test_it_says_what_holds_without_it(self):
        assert Config.load(DEPLOY / "gateway.toml") == DEFAULTS

    def test_it_names_every_option_and_no_other(self):
        head, _, _ = text("gateway.toml").partition("#[[keys]]")
        table = tomllib.loads(uncommented(head))
        assert set(table) | {"keys"} == {field.name for field in attrs.fields(Config)}
        assert set(table["links"]) == {field.name for field in attrs.fields(LinkSettings)}

    def test_the_keys_show_every_option_and_no_other(self):
        table = tomllib.loads(uncommented(text("gateway.toml")))
        shown = {name for key in table["keys"] for name in key}
        with pytest.raises(ConfigurationError, match="there are ") as raised:
            Key.read({"zzzzzz": ""})
        assert shown == set(str(raised.value).partition("there are ")[2].split(", "))

    def test_every_option_has_its_remark_on_its_line(self):
        options = [line for line in text("gateway.toml").splitlines() if re.match(r"#?[a-z_0-9]+ = |\[", line)]
        assert not [line for line in options if not re.search(r"[^ ] # \S", line)]

    def test_a_key_that_was_not_filled_in_opens_nothing(self, monkeypatch):
        monkeypatch.setenv("SHOP_PIXIAN", "sandbox:sandbox")
        shop, blog = tomllib.loads(uncommented(text("gateway.toml")))["keys"]
        for key in (shop, {**blog, "pixian": "id:secret"}, {**blog, "legacy": "key"}):
            with pytest.raises(ConfigurationError):
                Key.read(key)

    def test_a_key_that_was_filled_in_is_that_of_its_callers(self, with_keys, monkeypatch):
        monkeypatch.setenv("SHOP_PIXIAN", "sandbox:sandbox")
        config = Config.load(with_keys())
        assert config == attrs.evolve(DEFAULTS, keys=(Key.of("shop", OLD, "sandbox:sandbox"),))

    def test_the_variables_of_the_secrets_are_those_that_are_read(self):
        names = set(re.findall(r"(?m)^#?([A-Z_]+)=", text("gateway.env.example")))
        keys = tomllib.loads(uncommented(text("gateway.toml")))["keys"]
        own = {key["pixian_env"] for key in keys if "pixian_env" in key}
        assert own < names
        assert names - own <= {f"PIXIAN_{key.upper()}" for key in KEYS}

    def test_the_secrets_as_they_were_shipped_are_none(self):
        shipped = dict(re.findall(r"(?m)^([A-Z_]+)=(.*)$", text("gateway.env.example")))
        assert "PIXIAN_API_SECRET" in shipped
        with pytest.raises(ConfigurationError, match="no Pixian credentials"):
            Settings.resolve(environ=shipped, files=False)

    def test_what_git_must_not_see_is_where_the_secrets_go(self):
        service = yaml_of("compose.yaml")["services"]["gateway"]
        assert service["env_file"] in text(".gitignore").splitlines()


class Stage:
    """One stage of a Dockerfile: its instructions in order, as (name, argument)."""

    def __init__(self, base):
        self.base = base
        self.steps = []

    def all(self, name):
        return [argument for step, argument in self.steps if step == name]

    def last(self, name):
        return self.all(name)[-1]


def stages():
    """Read the Dockerfile; what is before the first stage is the first of them."""
    found = [Stage("")]
    lines = [line for line in text("Dockerfile").splitlines() if not line.startswith("#")]
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        if line:
            name, _, argument = line.partition(" ")
            found += [Stage(argument)] if name == "FROM" else []
            found[-1].steps.append((name, argument))
    return found


def arguments():
    return dict(argument.split("=") for argument in stages()[0].all("ARG"))


def health():
    """Give the options of the image's health check, and its command."""
    options, command = stages()[-1].last("HEALTHCHECK").split("CMD ", 1)
    return dict(re.findall(r"--([a-z-]+)=(\S+)", options)), json.loads(command)


def start():
    """Give what a container runs."""
    image = stages()[-1]
    return json.loads(image.last("ENTRYPOINT")) + json.loads(image.last("CMD"))


def put(command, option, value):
    """Change the value of an option that is there."""
    at = command.index(option)
    return [*command[: at + 1], str(value), *command[at + 2 :]]


def asks(command, port):
    """Run a health check against another port, with this machine's Python."""
    own = str(DEFAULTS.port)
    assert command[0] == "python"
    assert command[-1].count(own) == 1
    changed = [sys.executable, *command[1:-1], command[-1].replace(own, str(port))]
    behind = {"http_proxy": "http://127.0.0.1:1", "PATH": os.environ["PATH"]}
    return subprocess.run(changed, env=behind, capture_output=True, timeout=10, check=False).returncode


class TestImage:
    def test_starts_without_a_shell_and_as_nobody_in_particular(self):
        image = stages()[-1]
        assert (image.last("STOPSIGNAL"), image.last("EXPOSE")) == ("SIGTERM", str(DEFAULTS.port))
        user, group = image.last("USER").split(":")
        assert int(user) >= 10_000
        assert int(group) >= 10_000
        assert f"--uid {user} " in "".join(image.all("RUN"))
        assert all(isinstance(word, str) for word in start())

    @pytest.mark.parametrize("source", ["checkout", "index"])
    def test_installs_extras_that_there_are_and_keeps_no_cache(self, source):
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        (stage,) = [stage for stage in stages() if stage.base.endswith(f" AS {source}")]
        (command,) = stage.all("RUN")
        (extras,) = re.findall(r"\[([a-z,]+)\]", command)
        assert set(extras.split(",")) == {"gateway", "links"}
        assert set(extras.split(",")) <= set(project["optional-dependencies"])
        assert "--no-cache-dir" in command
        assert f"{project['name']}[" in command or source == "checkout"

    def test_takes_either_source_and_a_python_that_is_supported(self):
        image = stages()[-1]
        (origin,) = [stage.base for stage in stages() if stage.base.startswith("${SOURCE} AS ")]
        assert f"--from={origin.split()[-1]} " in image.last("COPY")
        assert any(stage.base.endswith(f" AS {arguments()['SOURCE']}") for stage in stages())
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        assert f"Programming Language :: Python :: {arguments()['PYTHON']}" in project["classifiers"]
        assert image.base == "python:${PYTHON}-slim"

    def test_what_it_runs_is_what_it_has_installed(self):
        (made,) = re.findall(r'"-m", "venv".*"(.+)"', "".join(stages()[1].all("RUN")))
        assert stages()[-1].last("COPY").split()[1:] == [made, made]
        assert start()[0] == f"{made}/bin/pixian-shim"
        assert f"PATH={made}/bin:" in stages()[-1].last("ENV")
        assert all(made in "".join(stage.all("RUN")) for stage in stages()[2:4])

    def test_whatever_the_wheel_is_made_of_gets_into_the_build(self):
        given = {line[1:] for line in text("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
        pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
        project, wheel = pyproject["project"], pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]
        needed = {package.partition("/")[0] for package in wheel["packages"]} | {project["readme"], "pyproject.toml"}
        (constraints,) = re.findall(r"--constraint /checkout/(\S+)", text("Dockerfile"))
        assert given == needed | {*project["license-files"], constraints}
        assert all((ROOT / name).exists() for name in given)

    def test_secrets_of_a_checkout_do_not_get_into_the_build(self):
        rules = [line for line in text("Dockerfile.dockerignore").splitlines() if line]
        assert rules[0] == "*"
        assert not any(fnmatch("deploy/gateway.env", rule[1:] + "*") for rule in rules if rule.startswith("!"))

    def test_without_keys_a_container_says_what_is_missing(self):
        command = [SHIM, *put(start(), "--config", DEPLOY / "gateway.toml")[1:]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == 2
        assert "listening on 0.0.0.0 needs [[keys]]" in done.stderr

    def test_from_its_start_to_its_end(self, with_keys, sandbox):
        """With nothing changed but the address, which is kept to this machine here."""
        command = [SHIM, *put(start(), "--config", with_keys())[1:]]
        for option, value in zip(("--host", "--port"), LOCAL, strict=True):
            command = put(command, option, value)
        variables = dict(word.split("=", 1) for word in shlex.split(stages()[-1].last("ENV")))
        with started(command, environment(sandbox) | variables | {"PATH": os.environ["PATH"]}) as (url, process):
            port = int(url.rpartition(":")[2])
            assert asks(health()[1], port) == 0
            assert cutout(url) == (200, "image/png")
        assert process.returncode == 0
        assert asks(health()[1], port) == 1

    def test_its_health_check_sees_a_gateway_that_does_not_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            patience = re.sub(r"timeout=\d+", "timeout=0.2", health()[1][-1])
            assert asks([*health()[1][:-1], patience], silent.getsockname()[1]) == 1
        within = int(re.search(r"timeout=(\d+)", health()[1][-1])[1])
        assert within < int(health()[0]["timeout"].rstrip("s"))

    def test_its_health_check_sees_another_status(self, wired):
        command = health()[1]
        assert "/healthz" in command[-1]
        elsewhere = [*command[:-1], command[-1].replace("/healthz", "/nothing")]
        assert asks(elsewhere, httpx.URL(wired().url).port) == 1


def yaml_of(name):
    yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
    return yaml.safe_load(text(name))


def seconds(value):
    return int(re.fullmatch(r"(\d+)s?", str(value))[1])


def megabytes(value):
    number, unit = re.fullmatch(r"(\d+)([mg])", value).groups()
    return int(number) * {"m": 1, "g": 1 << 10}[unit]


class TestCompose:
    @pytest.fixture
    def service(self):
        return yaml_of("compose.yaml")["services"]["gateway"]

    def test_builds_what_is_here(self, service):
        build = service["build"]
        context = DEPLOY / build["context"]
        assert context.resolve() == ROOT
        assert (context / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
        assert "image" not in service, "else a name of somebody else's could be fetched"

    def test_waits_longer_than_the_gateway_before_it_kills(self, service):
        assert seconds(service["stop_grace_period"]) > DEFAULTS.grace_seconds + SECOND_THOUGHTS
        assert service["stop_signal"] == stages()[-1].last("STOPSIGNAL")

    def test_publishes_the_port_on_loopback_alone(self, service):
        (published,) = service["ports"]
        assert published.startswith("127.0.0.1:")
        assert published.endswith(f":{DEFAULTS.port}")

    def test_has_the_images_health_check(self, service):
        options, command = health()
        given = dict(service["healthcheck"])
        assert given.pop("test") == ["CMD", *command]
        assert {name.replace("_", "-"): str(value) for name, value in given.items()} == options

    def test_mounts_the_configuration_where_it_is_looked_for(self, service):
        (mount,) = [volume for volume in service["volumes"] if volume["type"] == "bind"]
        assert (DEPLOY / mount["source"]).is_file()
        assert start()[start().index("--config") + 1] == mount["target"]
        assert mount["read_only"]
        assert not mount["bind"]["create_host_path"]

    def test_keeps_results_in_a_volume_that_the_user_may_write_to(self, service):
        (mount,) = [volume for volume in service["volumes"] if volume["type"] == "volume"]
        assert mount["source"] in yaml_of("compose.yaml")["volumes"]
        assert f"--owner=10001 --group=10001 --mode=0700 {mount['target']}" in "".join(stages()[-1].all("RUN"))
        assert f'"{mount["target"]}/links"' in text("gateway.toml")

    def test_takes_secrets_from_a_file_of_which_there_is_an_example(self, service):
        assert (DEPLOY / f"{service['env_file']}.example").is_file()

    def test_may_do_nothing_that_it_needs_not(self, service):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "cap_add", "network_mode", "pid", "user"} & set(service)

    def test_has_memory_for_what_it_lets_in(self, service):
        (spool,) = service["tmpfs"]
        where, _, options = spool.partition(":")
        assert where == "/tmp"
        size = megabytes(re.search(r"size=(\w+)", options)[1])
        assert size * (1 << 20) >= 10 * DEFAULTS.max_bytes
        links = DEFAULTS.links.max_bytes >> 20
        assert megabytes(service["mem_limit"]) >= size + links + service["cpus"] * PIXELS_MB
        assert service["memswap_limit"] == service["mem_limit"]

    def test_works_on_as_many_pictures_as_it_has_processors(self, service):
        assert service["environment"]["PYTHON_CPU_COUNT"] == str(service["cpus"])
        assert tuple(map(int, arguments()["PYTHON"].split("."))) >= (3, 13), "which reads that variable"

    def test_has_files_for_every_request(self, service):
        assert service["ulimits"]["nofile"] > 3 * (DEFAULTS.max_active + DEFAULTS.max_waiting)


def unit():
    """Read the unit; of settings that stand there twice the last one counts here."""
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    parsed.optionxform = str
    parsed.read_string(text("pixian-shim-gateway.service"))
    return parsed


@pytest.fixture
def analyze(tmp_path):
    """Run systemd's own check of units on the unit, its program being the one installed here."""
    program = shutil.which("systemd-analyze") or pytest.skip("systemd is not installed")
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.match(r"systemd (\d+)", version)[1]) < 250:
        pytest.skip("systemd-analyze before 250 looks at no files")

    def run(*words):
        changed = tmp_path / "pixian-shim-gateway.service"
        changed.write_text(text(changed.name).replace(unit()["Service"]["ExecStart"].split()[0], str(SHIM)))
        command = [program, *words, changed]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run


class TestUnit:
    def test_systemd_understands_it(self, analyze):
        done = analyze("verify", "--man=no", "--recursive-errors=no")
        assert (done.returncode, [line for line in done.stderr.splitlines() if "pixian-shim" in line]) == (0, [])

    def test_systemd_finds_hardly_anything_to_tighten(self, analyze):
        done = analyze("security", "--offline=true", "--no-pager", "--threshold=15")
        assert done.returncode == 0, done.stdout.strip().rpartition("\n")[2]

    def test_waits_longer_than_the_gateway_before_it_kills(self):
        service = unit()["Service"]
        assert seconds(service["TimeoutStopSec"]) > DEFAULTS.grace_seconds + SECOND_THOUGHTS
        assert (service["KillSignal"], service["Type"], service["Restart"]) == ("SIGTERM", "exec", "on-failure")

    def test_keeps_results_where_it_may_write(self):
        service = unit()["Service"]
        assert service["ProtectSystem"] == "strict"
        assert f'"/var/lib/{service["StateDirectory"]}/links"' in text("gateway.toml")

    def test_has_files_for_every_request(self):
        assert int(unit()["Service"]["LimitNOFILE"]) > 3 * (DEFAULTS.max_active + DEFAULTS.max_waiting)

    def test_has_the_images_settings_of_memory(self):
        image = set(shlex.split(stages()[-1].last("ENV")))
        own = {word for word in unit()["Service"]["Environment"].split() if word.partition("=")[0].isupper()}
        assert {word for word in image if word.startswith(("OPENBLAS_", "MALLOC_"))} <= own

    def test_its_command_starts_a_gateway_with_the_credential(self, with_keys, sandbox, tmp_path):
        service = unit()["Service"]
        name = service["LoadCredential"].partition(":")[0]
        credentials = tmp_path / "credentials"
        credentials.mkdir()
        with_keys(port=0).rename(credentials / name)
        words = service["ExecStart"].replace("${CREDENTIALS_DIRECTORY}", str(credentials)).split()
        own = dict(word.split("=") for word in service["Environment"].split())
        with started([SHIM, *words[1:]], environment(sandbox, **own)) as (url, process):
            assert cutout(url) == (200, "image/png")
        assert process.returncode == 0


NGINX = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


class Nginx:
    """nginx with the site of ``nginx.conf``, on a Unix socket, in front of gateways."""

    def __init__(self, program, folder, authority, ports):
        self.folder, self._program = folder, program
        self.socket = f"{folder}/site"
        self.trusted = ssl.create_default_context()
        authority.configure_trust(self.trusted)
        certificate = authority.issue_cert("cutouts.example")
        (folder / "site.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        certificate.private_key_pem.write_to_path(folder / "site.key")
        changes = {
            "listen 443 ssl;": f"listen unix:{self.socket} ssl;",
            "/etc/ssl/cutouts.example.pem": f"{folder}/site.pem",
            "/etc/ssl/cutouts.example.key": f"{folder}/site.key",
            f"    server 127.0.0.1:{DEFAULTS.port};": "".join(f"    server 127.0.0.1:{port};\n" for port in ports),
        }
        site = text("nginx.conf")
        for old, new in changes.items():
            assert site.count(old) == 1, old
            site = site.replace(old, new)
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, site=site))

    def command(self, *words):
        return [self._program, "-p", self.folder, "-e", "stderr", "-c", self.folder / "nginx.conf", *words]

    def __enter__(self):
        self._process = subprocess.Popen(self.command(), stderr=subprocess.PIPE, text=True)
        end = time.monotonic() + 10
        while not self._listens():
            assert self._process.poll() is None, self._process.stderr.read()
            assert time.monotonic() < end
            time.sleep(0.01)
        transport = httpx.HTTPTransport(uds=self.socket, verify=self.trusted)
        self.client = httpx.Client(base_url="https://cutouts.example", transport=transport, timeout=20)
        return self

    def __exit__(self, *_):
        self.client.close()
        self._process.terminate()
        self._process.communicate(timeout=10)

    def _listens(self):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def post(self, path=PATH, **options):
        return self.client.post(path, **{"headers": {"X-Api-Key": OLD}} | options)

    def raw(self):
        """Open a connection to be written to by hand."""
        plain = socket.socket(socket.AF_UNIX)
        plain.settimeout(10)
        plain.connect(self.socket)
        return self.trusted.wrap_socket(plain, server_hostname="cutouts.example")


@pytest.fixture(scope="module")
def authority():
    return pytest.importorskip("trustme").CA()


@pytest.fixture
def front(wired, authority):
    """Start a gateway with the shop's key, and nginx in front of it; ``down`` comes before it in nginx' list."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    with tempfile.TemporaryDirectory() as folder:  # a Unix socket's path must be short
        running = []

        def make(*down, **settings):
            gateway = wired(keys=[Key.of("shop", OLD)], **settings)
            ports = [*down, httpx.URL(gateway.url).port]
            running.append(Nginx(program, Path(folder), authority, ports).__enter__())
            running[-1].behind = gateway
            return running[-1]

        yield make
        for nginx in running:
            nginx.__exit__()


class TestNginx:
    def test_nginx_understands_it(self, front):
        done = subprocess.run(front().command("-t"), capture_output=True, text=True, timeout=20, check=False)
        assert done.returncode == 0, done.stderr
        assert "[warn]" not in done.stderr

    def test_a_large_picture_goes_both_ways(self, front):
        content = photo("BMP", size=(1200, 900))
        assert len(content) > 3 << 20
        reply = front().post(files={"image_file": content}, data={"size": "full"})
        assert (reply.status_code, opened(reply.content).size) == (200, (1200, 900))

    def test_a_body_of_unknown_length(self, front):
        request = httpx.Request("POST", "http://x", files=upload())
        body = request.read()
        given = {"X-Api-Key": OLD, "Content-Type": request.headers["content-type"]}
        assert front().post(content=iter([body[:1000], body[1000:]]), headers=given).status_code == 200

    def test_the_host_tells_the_provider(self, front):
        given = {"X-Api-Key": OLD, "Host": "api.remove.bg"}
        assert front().post("/any/removebg", files=upload(), headers=given).headers["x-type"] == "other"

    def test_too_much_is_refused_in_the_providers_shape(self, front):
        reply = front(max_bytes=1 << 21).post(files={"image_file": bytes(3 << 20)})
        assert reply.json()["errors"]
        assert code(reply) == "file_too_large"

    def test_a_refusal_does_not_wait_for_the_body(self, front):
        with front().raw() as connection:
            head = f"POST {PATH} HTTP/1.1\r\nHost: cutouts.example\r\nX-Api-Key: wrong\r\nContent-Length: 30000000\r\n"
            connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode() + bytes(100_000))
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 403 ")

    def test_numbers_stay_inside(self, front):
        nginx = front()
        assert nginx.behind.get("/metrics").status_code == 200
        assert nginx.client.get("/metrics").status_code == 404
        assert nginx.client.get("/readyz").text == "ready\n"

    def test_a_gateway_that_is_being_restarted_is_passed_over(self, front, sandbox):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            nginx = front(closed.getsockname()[1])
            assert [nginx.post(files=upload()).status_code for _ in range(3)] == [200] * 3
        assert len(sandbox.requests) == 3

    def test_what_one_gateway_was_sent_is_not_sent_to_another(self, front, sandbox):
        with SocketServer(lambda connection: connection.read_request()) as dying:
            nginx = front(httpx.URL(dying.url).port)
            assert [nginx.post(files=upload()).status_code for _ in range(2)] == [502, 200]
        assert (len(dying.received), len(sandbox.requests)) == (1, 1)

    def test_is_more_patient_than_the_gateway(self):
        (patience,) = re.findall(r"proxy_read_timeout (\d+)s;", text("nginx.conf"))
        assert int(patience) > Retry().deadline + DEFAULTS.waiting_seconds


class TestPage:
    def test_names_every_file_and_no_other(self):
        named = set(re.findall(r"`([\w.-]+)`", text("README.md").partition("## ")[0]))
        shipped = {path.name for path in DEPLOY.iterdir()} - {"README.md", ".gitignore", "Dockerfile.dockerignore"}
        assert named == shipped - {"gateway.env"}

    def test_every_path_of_a_command_is_there(self):
        commands = "".join(re.findall(r"```console\n(.*?)```", text("README.md"), re.DOTALL))
        paths = set(re.findall(r"\bdeploy/[\w.-]+", commands)) - {"deploy/gateway.env"}
        assert paths
        assert not [path for path in paths if not (ROOT / path).is_file()]

    def test_its_figures_are_those_of_the_limits(self):
        worst = (DEFAULTS.max_active + DEFAULTS.max_waiting) * DEFAULTS.max_bytes / (1 << 30)
        assert f"{int(worst)} GiB at the defaults" in text("README.md")
        assert f"has {DEFAULTS.grace_seconds:g} s for calls under way" in text("README.md")
        (sleep,) = re.findall(r"terminationGracePeriodSeconds: (\d+)", text("README.md"))
        assert int(sleep) > DEFAULTS.grace_seconds + SECOND_THOUGHTS + 5
