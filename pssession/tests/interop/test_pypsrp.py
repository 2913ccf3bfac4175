"""pypsrp, a client that others wrote, against our endpoint over HTTP with Basic."""

import threading
import time

from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
from pypsrp.exceptions import AuthenticationError, WinRMError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from endpoint import PASSWORD, USER, Cases, endpoint


def client(port, password=PASSWORD, **options):
    options = {"operation_timeout": 5, "read_timeout": 20, **options}
    return WSMan(
        "127.0.0.1", port=port, username=USER, password=password, ssl=False, auth="basic",
        encryption="never", **options,
    )


def run(pool, script):
    shell = PowerShell(pool)
    shell.add_script(script)
    return shell.invoke(), shell


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


cases = Cases("pypsrp")

with endpoint() as port:

    @cases.case
    def opens_and_closes():
        """a pool opens, runs a script and closes"""
        with client(port) as wsman:
            pool = RunspacePool(wsman)
            pool.open()
            equal(pool.state, RunspacePoolState.OPENED)
            output, shell = run(pool, "1 + 1; 'two'; 1.5")
            equal(output, [2, "two", 1.5])
            equal(shell.state, PSInvocationState.COMPLETED)
            equal(shell.had_errors, False)
            assert pool.application_private_data.data["PSVersionTable"]
            pool.close()
            equal(RunspacePool.get_runspace_pools(wsman), [])

    @cases.case
    def shares_state():
        """variables, functions and aliases live on between pipelines"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            run(pool, "$x = 40; function Add2($n) { $n + 2 }; Set-Alias a2 Add2")
            equal(run(pool, "a2 $x")[0], [42])

    @cases.case
    def every_stream():
        """every stream arrives"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            output, shell = run(pool, """
                'out'
                Write-Error 'err'
                Write-Warning 'warn'
                Write-Verbose 'verb' -Verbose
                Write-Debug 'deb' -Debug
                Write-Information 'info'
                Write-Progress -Activity 'act' -Status 'stat' -PercentComplete 50
            """)
            streams = shell.streams
            equal(output, ["out"])
            equal([str(record) for record in streams.error], ["err"])
            equal(streams.error[0].fq_error.split(",")[0],
                  "Microsoft.PowerShell.Commands.WriteErrorException")
            equal([record.message for record in streams.warning], ["warn"])
            equal([record.message for record in streams.verbose], ["verb"])
            equal([record.message for record in streams.debug], ["deb"])
            equal([str(record.message_data) for record in streams.information], ["info"])
            equal([(r.activity, r.description, r.percent_complete) for r in streams.progress],
                  [("act", "stat", 50)])

    @cases.case
    def errors():
        """an unknown command, a throw and a parse error come back as error records"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            _, shell = run(pool, "Get-Nonsense; 'after'")
            equal(shell.output, ["after"])
            equal(shell.streams.error[0].fq_error, "CommandNotFoundException")
            shell = PowerShell(pool)
            shell.add_script("throw 'boom'")
            try:
                shell.invoke()
            except Exception as error:  # noqa: BLE001  the library raises on Failed
                assert "boom" in str(error), error
            equal(shell.state, PSInvocationState.FAILED)
            shell = PowerShell(pool)
            shell.add_script("if (")
            try:
                shell.invoke()
            except Exception:  # noqa: BLE001
                pass
            equal(shell.state, PSInvocationState.FAILED)
            equal(run(pool, "'alive'")[0], ["alive"])

    @cases.case
    def two_at_once():
        """two pipelines run at once in a pool of two"""
        with client(port) as wsman, RunspacePool(wsman, min_runspaces=1, max_runspaces=2) as pool:
            results, start = {}, time.monotonic()

            def work(name):
                results[name] = run(pool, f"Start-Sleep -Milliseconds 1500; '{name}'")[0]

            threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            took = time.monotonic() - start
            equal(results, {"a": ["a"], "b": ["b"]})
            assert took < 2.8, f"one after the other: {took:.1f} s"

    @cases.case
    def stops():
        """a running pipeline stops and the pool goes on"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            shell = PowerShell(pool)
            shell.add_script("while ($true) { Start-Sleep -Milliseconds 100 }")
            shell.begin_invoke()
            time.sleep(0.3)
            start = time.monotonic()
            shell.stop()
            equal(shell.state, PSInvocationState.STOPPED)
            assert time.monotonic() - start < 5
            equal(run(pool, "'alive'")[0], ["alive"])

    @cases.case
    def takes_input():
        """pipeline input arrives in order"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            shell = PowerShell(pool)
            shell.add_script("process { $_ * 2 }")
            equal(shell.invoke(input=[1, 2, 3]), [2, 4, 6])

    @cases.case
    def commands_with_parameters():
        """commands with parameters and arguments run as they were built"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            shell = PowerShell(pool)
            shell.add_cmdlet("Write-Output").add_argument([3, 1, 2])
            shell.add_cmdlet("Sort-Object").add_parameter("Descending")
            shell.add_cmdlet("Select-Object").add_parameter("First", 2)
            equal(shell.invoke(), [3, 2])

    @cases.case
    def objects():
        """objects keep their properties and type names"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            output, _ = run(pool, "[pscustomobject]@{ Name = 'n'; Count = 3; List = 1, 2 }")
            equal(output[0].extended_properties["Name"], "n")
            equal(output[0].extended_properties["Count"], 3)
            equal(output[0].extended_properties["List"], [1, 2])
            equal(output[0].types[0], "System.Management.Automation.PSCustomObject")

    @cases.case
    def large_output():
        """a megabyte arrives whole"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            output, _ = run(pool, "'x' * 1MB; 1..2000")
            equal(len(output[0]), 1024 * 1024)
            equal(output[1:], list(range(1, 2001)))

    @cases.case
    def reconnects():
        """the same client disconnects and comes back"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            run(pool, "$kept = 7")
            pool.disconnect()
            equal(pool.state, RunspacePoolState.DISCONNECTED)
            pool.connect()
            equal(run(pool, "$kept")[0], [7])

    @cases.case
    def another_client_takes_over():
        """another client lists the pools, connects, and gets what ran meanwhile"""
        with client(port) as first:
            pool = RunspacePool(first)
            pool.open()
            shell = PowerShell(pool)
            shell.add_script("1..5 | ForEach-Object { Start-Sleep -Milliseconds 200; $_ }")
            shell.begin_invoke()
            pool.disconnect()
            with client(port) as second:
                found = [p for p in RunspacePool.get_runspace_pools(second) if p.id == pool.id]
                equal(len(found), 1)
                shells = found[0].create_disconnected_power_shells()
                equal(len(shells), 1)
                time.sleep(1.5)
                found[0].connect()
                equal(shells[0].connect(), [1, 2, 3, 4, 5])
                equal(run(found[0], "'still here'")[0], ["still here"])
                found[0].close()

    @cases.case
    def pool_sizes():
        """sizes and availability of a pool can be asked and set"""
        with client(port) as wsman, RunspacePool(wsman, min_runspaces=1, max_runspaces=3) as pool:
            equal(pool.get_available_runspaces(), 3)
            pool.max_runspaces = 5
            equal(pool.get_available_runspaces(), 5)

    @cases.case
    def metadata():
        """command metadata is answered"""
        with client(port) as wsman, RunspacePool(wsman) as pool:
            found = pool.get_command_metadata("Get-ChildItem")
            assert found and found[0].name == "Get-ChildItem", found

    @cases.case
    def wrong_password():
        """a wrong password does not get in"""
        with client(port, password="wrong") as wsman:
            try:
                RunspacePool(wsman).open()
            except (AuthenticationError, WinRMError):
                return
            raise AssertionError("a wrong password got in")

cases.finish()
