def test_list(manager_client):
    r = manager_client.get("/demo/")
    assert r.status_code == 200, r.content
    open("/tmp/list.html", "wb").write(r.content)
    for u in [
        "/",
        "/demo/nova/",
        "/demo/?q=mar&sort=-balance",
        "/demo/?date_joined_from=xx",
        "/demo/?export=csv",
    ]:
        r = manager_client.get(u)
        assert r.status_code == 200
    print(b"".join(r.streaming_content).decode())
