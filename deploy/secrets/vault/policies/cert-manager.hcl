# What cert-manager may do: have certificates signed for services of the application zone.

path "pki/sign/b2xgate-services" {
  capabilities = ["update"]
}
