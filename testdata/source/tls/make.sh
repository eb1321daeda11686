#!/bin/sh
# Makes the certificates that the tests of the web client use: an authority, and a server's certificate
# for localhost, 127.0.0.1 and *.example.com. Nobody trusts the authority but these tests.
set -eu
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -sha256 -days 36500 -subj '/CN=kiln test authority' -out ca.pem \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign'
openssl ecparam -name prime256v1 -genkey -noout -out server.ec
openssl pkcs8 -topk8 -nocrypt -in server.ec -out server.key
openssl req -new -key server.key -subj '/CN=localhost' -out server.csr
printf 'basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,DNS:*.example.com,IP:127.0.0.1\n' > server.ext
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 36500 -sha256 \
    -extfile server.ext -out server.pem
rm -f ca.key ca.srl server.ec server.csr server.ext
