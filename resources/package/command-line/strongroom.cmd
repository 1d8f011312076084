@echo off
rem The strongroom command of an installed package: its own Node, beside this file, runs it.
setlocal
rem SECURITY: what Node would load before the program is not taken from the environment
set "NODE_OPTIONS="
set "NODE_PATH="
set "NODE_V8_COVERAGE="
set "NODE_EXTRA_CA_CERTS="
set "OPENSSL_CONF="
set "OPENSSL_MODULES="
set "OPENSSL_ENGINES="
"%~dp0node.exe" "%~dp0strongroom.mjs" %*
exit /b %ERRORLEVEL%
