module warmstandby/test/local

go 1.26.3
