package dev.cairn.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cairn.ports.engine.SleepMode;
import dev.cairn.ports.request.Prompt;
import dev.cairn.ports.request.RequestProblem;
import dev.cairn.ports.request.RequestProblem.Category;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The API over a real socket. */
class OpenAiApiIT {

    private static final String CHAT =
            "{'model':'tiny','messages':[{'role':'user','content':'hi'}]}";
    private static final String STREAM =
            "{'model':'tiny','messages':[{'role':'user','content':'hi'}],'stream':true,"
                    + "'stream_options':{'include_usage':true}}";

    private final RunningServer running = RunningServer.start();

    @AfterEach
    void stop() {
        running.close();
    }

    @Test
    void modelsAreListedAndFoundByNamesWithSlashes() {
        assertThat(running.get("/v1/models").body())
                .isEqualTo(
                        json(
                                "{'object':'list','data':[{'id':'tiny','object':'model','created':1700000,"
                                        + "'owned_by':'cairn','root':'tiny-root','parent':null,"
                                        + "'max_model_len':64,'permission':[]},{'id':'org/embedder',"
                                        + "'object':'model','created':1700001,'owned_by':'cairn',"
                                        + "'root':'enc','parent':null,'max_model_len':64,"
                                        + "'permission':[]}]}"));
        assertThat(running.get("/v1/models/org/embedder").statusCode()).isEqualTo(200);
        assertThat(running.get("/v1/models/org%2Fembedder").statusCode()).isEqualTo(200);
        HttpResponse<String> unknown = running.get("/v1/models/nobody");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body())
                .isEqualTo(
                        json(
                                "{'error':{'message':'The model `nobody` does not exist here',"
                                        + "'type':'invalid_request_error','param':'model',"
                                        + "'code':'model_not_found'}}"));
    }

    @Test
    void aStreamIsFramedAsOpenAisAndKeepsItsConnection() throws Exception {
        running.service.answersWith(ScriptedService.saying("h", "é"));
        try (var client = new RawClient(running.port())) {
            for (int i = 0; i < 3; i++) {
                String head = client.post("/v1/chat/completions", STREAM).readUntil("\r\n\r\n");
                assertThat(head)
                        .startsWith("HTTP/1.1 200 OK\r\n")
                        .containsIgnoringCase("content-type: text/event-stream; charset=utf-8\r\n")
                        .containsIgnoringCase("cache-control: no-cache\r\n")
                        .containsIgnoringCase("transfer-encoding: chunked\r\n")
                        .containsIgnoringCase("connection: keep-alive\r\n");
                client.readUntil("data: [DONE]\n\n\r\n0\r\n\r\n");
            }
        }
        String events = running.post("/v1/chat/completions", STREAM).body();
        String id = events.replaceAll("(?s).*?\"id\":\"(chatcmpl-[0-9a-f]{32})\".*", "$1");
        String head =
                "data: {'id':'"
                        + id
                        + "','object':'chat.completion.chunk','created':5,'model':'tiny','choices':[";
        assertThat(events)
                .isEqualTo(
                        json(
                                head
                                        + "{'index':0,'delta':{'role':'assistant','content':''},"
                                        + "'logprobs':null,'finish_reason':null}],'usage':null}\n\n"
                                        + head
                                        + "{'index':0,'delta':{'content':'h'},'logprobs':null,"
                                        + "'finish_reason':null}],'usage':null}\n\n"
                                        + head
                                        + "{'index':0,'delta':{'content':'é'},'logprobs':null,"
                                        + "'finish_reason':null}],'usage':null}\n\n"
                                        + head
                                        + "{'index':0,'delta':{},'logprobs':null,'finish_reason':'stop',"
                                        + "'stop_reason':null}],'usage':null}\n\n"
                                        + head
                                        + "],'usage':{'prompt_tokens':2,'completion_tokens':3,"
                                        + "'total_tokens':5,'prompt_tokens_details':{'cached_tokens':0},"
                                        + "'completion_tokens_details':{'reasoning_tokens':0}}}\n\n"
                                        + "data: [DONE]\n\n"));
    }

    @Test
    void eventsLeaveOneByOne() throws Exception {
        try (var client = new RawClient(running.port())) {
            client.post("/v1/chat/completions", STREAM);
            var served = running.service.next();
            served.started(1, 2);
            client.readUntil("\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,");
            served.says(0, "one");
            client.readUntil("\"content\":\"one\"}");
            served.says(0, "two");
            client.readUntil("\"content\":\"two\"}");
            served.ended(2, 6);
            client.readUntil("data: [DONE]\n\n\r\n0\r\n\r\n");
        }
    }

    @Test
    void anErrorBeforeTheFirstEventHasAStatusOfItsOwn() {
        running.service.answersWith(
                served ->
                        served.failed(
                                new RequestProblem(
                                        Category.OVERLOADED,
                                        "the queue is full",
                                        Optional.empty(),
                                        "overloaded",
                                        OptionalLong.of(1_500))));
        HttpResponse<String> response = running.post("/v1/chat/completions", STREAM);
        assertThat(response.statusCode()).isEqualTo(429);
        assertThat(response.headers().firstValue("Retry-After")).contains("2");
        assertThat(response.headers().firstValue("retry-after-ms")).contains("1500");
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.body())
                .isEqualTo(
                        json(
                                "{'error':{'message':'the queue is full','type':'rate_limit_error',"
                                        + "'param':null,'code':'overloaded'}}"));
    }

    @Test
    void anErrorInAStreamIsAnEventAndTheStreamEnds() {
        running.service.answersWith(
                served -> {
                    served.started(1);
                    served.says(0, "half");
                    served.failed(
                            RequestProblem.of(Category.INTERNAL, "engine_failed", "it broke"));
                });
        HttpResponse<String> response = running.post("/v1/chat/completions", STREAM);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .contains("\"content\":\"half\"")
                .endsWith(
                        json(
                                "data: {'error':{'message':'it broke','type':'server_error',"
                                        + "'param':null,'code':'engine_failed'}}\n\n"
                                        + "data: [DONE]\n\n"));
    }

    @Test
    void aWholeAnswer() {
        running.service.answersWith(ScriptedService.saying("hé"));
        HttpResponse<String> response = running.post("/v1/chat/completions", CHAT);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.body())
                .contains("\"content\":\"hé\"", "\"object\":\"chat.completion\"");
    }

    @Test
    void severalPromptsAreStreamedUnderTheirOwnIndexes() {
        running.service.answersWith(ScriptedService.saying("x"));
        String events =
                running.post(
                                "/v1/completions",
                                "{'model':'tiny','prompt':['a','b'],'n':2,'stream':true}")
                        .body();
        for (int i = 0; i < 4; i++) {
            assertThat(events)
                    .contains("\"index\":" + i + ",\"text\":\"x\"")
                    .contains(
                            "\"index\":"
                                    + i
                                    + ",\"text\":\"\",\"logprobs\":null,\"finish_reason\":\"stop\"");
        }
        assertThat(events).endsWith("data: [DONE]\n\n");
    }

    @Test
    void oneRefusedPromptRefusesAll() {
        HttpResponse<String> response =
                running.post(
                        "/v1/completions", "{'model':'tiny','prompt':['a','b'],'temperature':-1}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body())
                .isEqualTo(
                        json(
                                "{'error':{'message':'temperature must not be negative, got -1.0',"
                                        + "'type':'invalid_request_error','param':'temperature',"
                                        + "'code':'invalid_value'}}"));
    }

    @Test
    void aFailedPromptEndsTheOthers() {
        HttpResponse<String> response;
        running.service.answersWith(
                served -> {
                    if (ScriptedService.promptIds(served.call().prompt()).length == 2) {
                        served.failed(RequestProblem.invalid("prompt", "too short"));
                    }
                });
        response = running.post("/v1/completions", "{'model':'tiny','prompt':['long','a']}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(running.service.next().isCancelled()).isTrue();
    }

    @Test
    void embeddingsAsFloatsAndAsBase64() {
        assertThat(
                        running.post(
                                        "/v1/embeddings",
                                        "{'model':'org/embedder','input':['a','bc']}")
                                .body())
                .isEqualTo(
                        json(
                                "{'object':'list','data':[{'object':'embedding','index':0,"
                                        + "'embedding':[2.0,-0.5,1.0E-5]},{'object':'embedding','index':1,"
                                        + "'embedding':[3.0,-0.5,1.0E-5]}],'model':'org/embedder',"
                                        + "'usage':{'prompt_tokens':5,'total_tokens':5}}"));
        assertThat(
                        running.post("/v1/embeddings", "{'input':'a','encoding_format':'base64'}")
                                .body())
                .contains("\"embedding\":\"AAAAQAAAAL+sxSc3\"", "\"model\":\"org/embedder\"");
        assertThat(
                        running.post("/v1/embeddings", "{'input':'a','encoding_format':'hex'}")
                                .statusCode())
                .isEqualTo(400);
    }

    @Test
    void pairsAreScored() {
        assertThat(
                        running.post("/score", "{'text_1':'a','text_2':['bc','d']}")
                                .body()
                                .replaceAll("score-[0-9a-f]+", "score-1")
                                .replaceAll("\"created\":\\d+", "\"created\":2"))
                .isEqualTo(
                        json(
                                "{'id':'score-1','object':'list','created':2,'model':'org/embedder','data':["
                                        + "{'index':0,'object':'score','score':1.25},"
                                        + "{'index':1,'object':'score','score':1.125}],"
                                        + "'usage':{'prompt_tokens':9,'total_tokens':9}}"));
        refuses("/v1/score", "{'text_1':'a'}", "text_2");
        refuses("/v1/score", "{'text_1':'a','text_2':[]}", "text_2");
        refuses("/v1/score", "{'text_1':'a','text_2':['b','']}", "text_2[1]");
        refuses("/v1/score", "{'text_1':'a','text_2':[7]}", "text_2[0]");
    }

    @Test
    void documentsAreRerankedTheBestFirst() {
        String documents = "['b','bcd',{'text':'bc'}]";
        assertThat(
                        running.post(
                                        "/v2/rerank",
                                        "{'query':'q','documents':"
                                                + documents
                                                + ",'top_n':2,'truncate_prompt_tokens':5}")
                                .body()
                                .replaceAll("rerank-[0-9a-f]+", "rerank-1"))
                .isEqualTo(
                        json(
                                "{'id':'rerank-1','model':'org/embedder','usage':{'prompt_tokens':5,'total_tokens':5},"
                                        + "'results':[{'index':1,'document':{'text':'bcd'},'relevance_score':1.375},"
                                        + "{'index':2,'document':{'text':'bc'},'relevance_score':1.25}]}"));
        assertThat(
                        running.post(
                                        "/rerank",
                                        "{'query':'q','documents':['b'],'return_documents':false}")
                                .body())
                .contains(json("'results':[{'index':0,'relevance_score':1.125}]"));
        refuses("/v1/rerank", "{'documents':['b']}", "query");
        refuses("/v1/rerank", "{'query':'q'}", "documents");
        refuses("/v1/rerank", "{'query':'q','documents':[{'image':'b'}]}", "documents[0]");
        refuses("/v1/rerank", "{'query':'q','documents':['b'],'top_n':-1}", "top_n");
    }

    private void refuses(String path, String body, String field) {
        HttpResponse<String> response = running.post(path, body);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"param\":\"" + field + "\"");
    }

    @Test
    void textAndConversationsAreTokenized() {
        assertThat(running.post("/tokenize", "{'prompt':'a','return_token_strs':true}").body())
                .isEqualTo(
                        json(
                                "{'count':2,'max_model_len':64,'tokens':[256,97],"
                                        + "'token_strs':['<256>','<97>']}"));
        assertThat(
                        running.post(
                                        "/v1/tokenize",
                                        "{'messages':[{'role':'user','content':'a'}],"
                                                + "'tools':[{'type':'function'}]}")
                                .body())
                .isEqualTo(json("{'count':1,'max_model_len':64,'tokens':[97],'token_strs':null}"));
        assertThat(running.service.tokenized().getLast())
                .isInstanceOfSatisfying(
                        Prompt.Chat.class,
                        chat -> {
                            assertThat(chat.conversation().tools()).hasSize(1);
                            assertThat(chat.conversation().addGenerationPrompt()).isTrue();
                            assertThat(chat.addSpecialTokens()).isFalse();
                        });
        assertThat(running.post("/detokenize", "{'tokens':[104,105]}").body())
                .isEqualTo(json("{'prompt':'hi'}"));
    }

    @Test
    void probesAndPages() {
        assertThat(running.get("/health").statusCode()).isEqualTo(200);
        assertThat(running.get("/ping").statusCode()).isEqualTo(200);
        assertThat(running.get("/version").body()).isEqualTo(json("{'version':'1.2.3'}"));
        assertThat(running.get("/metrics").body()).isEqualTo("cairn:up 1\n");
        assertThat(running.get("/ready").statusCode()).isEqualTo(200);
        running.service.becomesUnready("loading");
        assertThat(running.get("/ready").statusCode()).isEqualTo(503);
        assertThat(running.get("/ready").body()).contains("loading");
        assertThat(running.get("/health").statusCode()).isEqualTo(200);
    }

    @Test
    void sleepAndWakeAreThoseOfVllm() {
        assertThat(running.get("/is_sleeping").body()).isEqualTo("{\"is_sleeping\":false}");
        assertThat(running.post("/sleep?level=1", "").statusCode()).isEqualTo(200);
        assertThat(running.service.asleep()).contains(SleepMode.ABORT);
        assertThat(running.get("/is_sleeping").body()).isEqualTo("{\"is_sleeping\":true}");
        assertThat(running.post("/sleep?level=2&mode=keep", "").statusCode()).isEqualTo(200);
        assertThat(running.service.asleep()).contains(SleepMode.KEEP);
        running.service.becomesUnready("the weights are gone");
        var failed = running.post("/wake_up", "");
        assertThat(failed.statusCode()).isEqualTo(503);
        assertThat(failed.body()).contains("wake_failed", "the weights are gone");
        assertThat(running.get("/is_sleeping").body()).contains("true");
    }

    @Test
    void wakingTakesBothPartsOrNone() {
        assertThat(running.post("/wake_up?tags=weights", "").body()).contains("\"param\":\"tags\"");
        assertThat(running.post("/wake_up?tags=weights,kv_cache", "").statusCode()).isEqualTo(200);
        assertThat(running.post("/sleep?level=3", "").body()).contains("\"param\":\"level\"");
        assertThat(running.post("/sleep?mode=nap", "").body()).contains("\"param\":\"mode\"");
        assertThat(running.service.asleep()).isEmpty();
    }

    @Test
    void whatIsNoRouteOrNoMethodOrNoJsonIsSaidInJson() {
        HttpResponse<String> unknown = running.get("/v1/nothing");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body())
                .isEqualTo(
                        json(
                                "{'error':{'message':'Unknown request URL: GET /v1/nothing',"
                                        + "'type':'invalid_request_error','param':null,"
                                        + "'code':'unknown_url'}}"));
        HttpResponse<String> wrong = running.get("/v1/completions");
        assertThat(wrong.statusCode()).isEqualTo(405);
        assertThat(wrong.headers().firstValue("Allow")).contains("POST");
        assertThat(wrong.body()).contains("method_not_allowed");
        HttpResponse<String> form =
                running.send(
                        running.request("/v1/completions")
                                .header("Content-Type", "text/plain")
                                .POST(HttpRequest.BodyPublishers.ofString("{}"))
                                .build());
        assertThat(form.statusCode()).isEqualTo(415);
        assertThat(form.body()).contains("application/json");
        for (String body : new String[] {"", "{", "[]", "{'a':1,'a':2}", "nul"}) {
            HttpResponse<String> bad = running.post("/v1/completions", body);
            assertThat(bad.statusCode()).as(body).isEqualTo(400);
            assertThat(bad.body()).contains("\"code\":\"invalid_json\"");
        }
    }

    @Test
    void bodiesThatAreNoUtf8OrTooDeepAreRefused() {
        HttpResponse<String> latin =
                running.send(
                        running.request("/v1/completions")
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofByteArray(
                                                new byte[] {'{', '"', (byte) 0xe9, '"'}))
                                .build());
        assertThat(latin.statusCode()).isEqualTo(400);
        assertThat(latin.body()).contains("UTF-8");
        HttpResponse<String> deep =
                running.post("/v1/completions", "{'prompt':" + "[".repeat(100_000));
        assertThat(deep.statusCode()).isEqualTo(400);
        assertThat(deep.body()).contains("nested deeper than 64");
    }

    @Test
    void aRequestIdIsEchoedOrMade() {
        assertThat(
                        running.get("/health", "x-request-id", "abc-1")
                                .headers()
                                .firstValue("x-request-id"))
                .contains("abc-1");
        assertThat(
                        running.get("/health", "x-request-id", "no spaces, please")
                                .headers()
                                .firstValue("x-request-id")
                                .orElseThrow())
                .startsWith("req_");
    }

    @Test
    void aTraceIsHandedOn() {
        running.service.answersWith(ScriptedService.saying("x"));
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        running.post("/v1/chat/completions", CHAT, "traceparent", parent, "tracestate", "a=b");
        var trace = running.service.next().call().trace();
        assertThat(trace.traceparent()).isEqualTo(parent);
        assertThat(trace.tracestate()).isEqualTo("a=b");
        running.post("/v1/chat/completions", CHAT, "traceparent", "00-zz");
        assertThat(running.service.next().call().trace().isPresent()).isFalse();
    }

    @Test
    void unservedFieldsAreNotTriedAgain() {
        HttpResponse<String> response =
                running.post(
                        "/v1/chat/completions",
                        "{'messages':[{'role':'user','content':'x'}],"
                                + "'thinking_token_budget':5}");
        assertThat(response.statusCode()).isEqualTo(501);
        assertThat(response.headers().firstValue("x-should-retry")).contains("false");
        assertThat(response.body()).contains("thinking_token_budget is not served yet");
    }

    @Test
    void administrationThatIsNotThereIsForAdministratorsAlone() {
        assertThat(running.get("/v1/cairn/nowhere").statusCode()).isEqualTo(404);
        assertThat(running.get("/v1/cairn/nowhere", "X-Forwarded-For", "1.2.3.4").statusCode())
                .isEqualTo(403);
    }

    private static String json(String text) {
        return text.replace('\'', '"');
    }
}
