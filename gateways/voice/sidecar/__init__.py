"""The deciding half of the voice gateway: it stands between Kamailio's calls and Cartera's interactions."""
